/** The newest events that match; each opens as a whole. */
import { Stack, Text } from '@mantine/core'
import type { Found, Hit } from '../../api/search'
import { useAddress } from '../../parts/address'
import { Empty } from '../../parts/Empty'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import style from './Search.module.css'

export function Hits({ found }: { found: Found }) {
  const texts = useTexts().search
  const { time } = useFormats()
  const [, show] = useAddress('doc')
  if (found.hits.length === 0) return <Empty title={texts.nothing} text={texts.nothingText} />
  const columns: Column<Hit>[] = [
    {
      key: 'at',
      header: texts.time,
      value: ({ at }) => at,
      cell: (hit) => {
        const when = time(new Date(hit.at))
        return (
          <button
            type="button"
            className={style.open}
            aria-label={texts.open(hit.event_name, when)}
            onClick={() => show(`${hit.day}/${hit.receipt}`)}
          >
            {when}
          </button>
        )
      },
    },
    { key: 'event_name', header: texts.event, value: (hit) => hit.event_name },
    { key: 'who', header: texts.who, value: (hit) => hit.user_id ?? hit.device_id, minor: true },
    {
      key: 'params',
      header: texts.params,
      value: ({ params }) => JSON.stringify(params),
      cell: ({ params }) => <code className={style.params}>{JSON.stringify(params)}</code>,
      minor: true,
    },
    { key: 'weight', header: texts.weight, value: ({ weight }) => weight, numeric: true },
  ]
  return (
    <Stack gap="xs">
      <DataTable
        name="events"
        address="hits-"
        label={texts.hits}
        rows={found.hits}
        columns={columns}
        id={({ receipt }) => receipt}
      />
      {found.count.matched > found.hits.length && (
        <Text size="sm" c="dimmed">
          {texts.newest(found.hits.length)}
        </Text>
      )}
    </Stack>
  )
}
