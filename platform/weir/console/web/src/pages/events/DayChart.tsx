/** Accepted and violating events of each day as columns. The table beside it has the numbers. */
import type { DayVolume } from '../../api/types'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import style from './DayChart.module.css'

export function DayChart({ volume }: { volume: DayVolume[] }) {
  const texts = useTexts().events
  const { number, short } = useFormats()
  const peak = Math.max(...volume.map(({ accepted, violations }) => accepted + violations), 1)
  const sum = (of: (day: DayVolume) => number) => volume.reduce((total, day) => total + of(day), 0)
  const text = texts.volumeText(
    number(sum(({ accepted }) => accepted)),
    number(sum(({ violations }) => violations)),
    volume.length,
  )
  return (
    <figure className={style.chart}>
      <div className={style.plot} role="img" aria-label={text}>
        <span className={style.peak}>{short(peak)}</span>
        {volume.map(({ day, accepted, violations }) => (
          <div
            key={day}
            className={style.day}
            title={`${day}\n${texts.accepted} ${number(accepted)}\n${texts.violations} ${number(violations)}`}
          >
            <span className={style.violations} style={{ '--share': violations / peak }} />
            <span className={style.accepted} style={{ '--share': accepted / peak }} />
          </div>
        ))}
      </div>
      <div className={style.axis} aria-hidden="true">
        <span>{volume[0]?.day}</span>
        <span>{volume.at(-1)?.day}</span>
      </div>
      <figcaption className={style.caption}>{text}</figcaption>
    </figure>
  )
}
