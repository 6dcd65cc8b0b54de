/** Shares of a whole as bars, each with its number. */
import style from './Bars.module.css'

interface Bar {
  label: string
  /** Between 0 and 1. */
  share: number
  text: string
}

export function Bars({ rows }: { rows: Bar[] }) {
  return (
    <dl className={style.bars}>
      {rows.map(({ label, share, text }) => (
        <div key={label} className={style.row}>
          <dt>{label}</dt>
          <dd className={style.track}>
            <span className={style.bar} style={{ '--share': share }} />
            <span className={style.text}>{text}</span>
          </dd>
        </div>
      ))}
    </dl>
  )
}
