import type { ReactNode } from 'react'
import style from './Scroller.module.css'

interface Props {
  label: string
  children: ReactNode
}

/** What may be wider than a narrow screen: the keyboard can scroll it too. */
export function Scroller({ label, children }: Props) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- WCAG 2.1.1: keys must reach it
    <div className={style.scroller} role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  )
}
