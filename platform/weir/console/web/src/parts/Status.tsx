/** A state in a word, with a dot whose shape, and not only its colour, tells good from bad. */
import type { ReactNode } from 'react'
import style from './Status.module.css'

export type Tone = 'good' | 'warn' | 'bad' | 'quiet'

export function Status({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={style.status} data-tone={tone}>
      <svg className={style.dot} viewBox="0 0 10 10" aria-hidden="true">
        {SHAPES[tone]}
      </svg>
      {children}
    </span>
  )
}

const SHAPES: Record<Tone, ReactNode> = {
  good: <circle cx="5" cy="5" r="4" />,
  warn: <path d="M5 0.8 9.4 9H0.6Z" />,
  bad: <path d="M5 0 10 5 5 10 0 5Z" />,
  quiet: <circle cx="5" cy="5" r="3.2" fill="none" stroke="currentColor" strokeWidth="1.6" />,
}
