/** The columns that the event's log will have, what changes first. */
import { Text } from '@mantine/core'
import { Scroller } from '../../parts/Scroller'
import { worded } from '../../texts/texts'
import type { PlannedColumn } from './api'
import style from './Verdict.module.css'
import { useBuilderTexts } from './texts'

const SIGNS: Record<string, string> = { added: '+', retyped: '~', removed: '−' }

export function Planned({ columns }: { columns: PlannedColumn[] }) {
  const texts = useBuilderTexts()
  if (columns.length === 0) return <Text c="dimmed">{texts.later}</Text>
  const ordered = columns.toSorted((a, b) => Number(!a.change) - Number(!b.change))
  return (
    <Scroller label={texts.tabs.columns}>
      <table className={style.columns}>
        <thead>
          <tr>
            <th scope="col">{texts.columns.name}</th>
            <th scope="col">{texts.columns.type}</th>
            <th scope="col">BigQuery</th>
          </tr>
        </thead>
        <tbody>
          {ordered.map((column) => (
            <tr
              key={column.name}
              data-change={column.change || undefined}
              title={column.description}
            >
              <th scope="row">
                {column.change && (
                  <span aria-label={worded(texts.columns.changes, column.change)} role="img">
                    {SIGNS[column.change]}{' '}
                  </span>
                )}
                <code>{column.name}</code>
              </th>
              <td>
                {column.duckdb_before && <s>{column.duckdb_before}</s>} {column.duckdb}
              </td>
              <td>{column.bigquery}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  )
}
