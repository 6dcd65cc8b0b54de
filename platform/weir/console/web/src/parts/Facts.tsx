/** A few things to know about what the page shows, in a row. */
import type { ReactNode } from 'react'
import style from './Facts.module.css'

export function Facts({ facts }: { facts: Record<string, ReactNode> }) {
  return (
    <dl className={style.facts}>
      {Object.entries(facts).map(([name, fact]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{fact}</dd>
        </div>
      ))}
    </dl>
  )
}
