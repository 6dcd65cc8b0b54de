/** Who reads an event, however many steps away. */
import type { Event } from '../../api/types'
import { AssetLink } from '../../parts/AssetLink'
import { Empty } from '../../parts/Empty'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { useTexts } from '../../texts/texts'
import style from './Readers.module.css'

type Reader = Event['readers'][number]

export function Readers({ event }: { event: Event }) {
  const { tabs, readers: texts } = useTexts().events
  if (event.readers.length === 0) {
    const command = `select * from {{ ref('${event.name}') }}`
    return <Empty title={texts.none} text={texts.noneText} command={command} />
  }
  const columns: Column<Reader>[] = [
    {
      key: 'asset',
      header: texts.asset,
      value: ({ asset }) => asset,
      cell: ({ asset }) => <AssetLink asset={asset} />,
    },
    { key: 'distance', header: texts.distance, value: ({ distance }) => distance, numeric: true },
    {
      key: 'via',
      header: texts.via,
      value: ({ via }) => via.join(' '),
      cell: ({ via }) => (
        <span className={style.via}>
          {via.map((asset) => (
            <AssetLink key={asset} asset={asset} />
          ))}
        </span>
      ),
    },
  ]
  return (
    <DataTable
      name={`${event.name}-readers`}
      label={tabs.readers}
      rows={event.readers}
      columns={columns}
      id={({ asset }) => asset}
      text={({ asset }) => asset}
    />
  )
}
