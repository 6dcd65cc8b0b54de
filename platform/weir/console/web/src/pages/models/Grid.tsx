/** Partitions as small squares on a calendar; the sign in a square says its state without colour. */
import type { Partition } from '../../api/types'
import { useTexts } from '../../texts/texts'
import { calendar } from './calendar'
import style from './Grid.module.css'

const SIGNS: Record<Partition['state'], string> = {
  current: '',
  stale: '~',
  missing: '×',
  failed: '!',
  empty: '',
}

interface GridProps {
  partitions: Partition[]
  grain: string
  /** What a look at the files saw, by key. */
  marks: Map<string, string>
}

export function Grid({ partitions, grain, marks }: GridProps) {
  const { models, parts } = useTexts()
  const text = ({ key, state, rows }: Partition) => {
    const seen = marks.get(key)
    const told = models.grid.cell(key, parts.partitions[state], models.grid.rows(rows))
    return seen ? `${told}, ${models.grid.seen(seen.replaceAll('_', ' '))}` : told
  }
  return (
    <div className={style.grid}>
      {calendar(partitions, grain).map(({ label, cells }) => (
        <div key={label} className={style.row}>
          <span className={style.label}>{label}</span>
          <ol className={style.cells} aria-label={label}>
            {cells.map(({ partition, offset }) => (
              <li
                key={partition.key}
                className={style.cell}
                data-state={partition.state}
                data-seen={marks.get(partition.key)}
                style={{ gridColumn: offset + 1 }}
                title={text(partition)}
              >
                <span aria-hidden="true">
                  {marks.has(partition.key) ? '?' : SIGNS[partition.state]}
                </span>
                <span className={style.words}>{text(partition)}</span>
              </li>
            ))}
          </ol>
        </div>
      ))}
    </div>
  )
}
