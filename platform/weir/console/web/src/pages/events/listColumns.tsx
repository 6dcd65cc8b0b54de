/** The columns of the dictionary. */
import { Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { EventRow } from '../../api/types'
import { Marked } from '../../parts/Marked'
import { useAddress } from '../../parts/address'
import { Sparkline } from '../../parts/Sparkline'
import { eventTone } from '../../parts/states'
import { Status } from '../../parts/Status'
import type { Column } from '../../parts/table/columns'
import { useFormats } from '../../texts/numbers'
import { useTexts, worded } from '../../texts/texts'
import style from './Events.module.css'

export function useEventColumns(): Column<EventRow>[] {
  const { events: texts, parts } = useTexts()
  return [
    {
      key: 'name',
      header: texts.name,
      value: ({ name }) => name,
      cell: (row) => <Name row={row} />,
    },
    { key: 'owner', header: texts.owner, value: ({ owner }) => owner, minor: true },
    {
      key: 'tier',
      header: texts.tier,
      value: ({ tier }) => tier,
      cell: ({ tier }) => worded(parts.tiers, tier),
      minor: true,
    },
    {
      key: 'status',
      header: texts.status,
      value: ({ status }) => status,
      cell: ({ status }) => (
        <Status tone={eventTone(status)}>{worded(parts.statuses, status)}</Status>
      ),
    },
    {
      key: 'version',
      header: texts.version,
      value: ({ version }) => version,
      numeric: true,
      minor: true,
    },
    {
      key: 'volume',
      header: texts.volume,
      value: ({ volume }) => volume.at(-1)?.accepted ?? null,
      cell: ({ volume }) => <Sparkline values={volume.map(({ accepted }) => accepted)} />,
      minor: true,
    },
    { key: 'accepted', header: texts.accepted, value: ({ accepted }) => accepted, numeric: true },
    {
      key: 'violations',
      header: texts.violations,
      value: ({ violations }) => violations,
      cell: ({ violations }) => <Violations count={violations} />,
      numeric: true,
    },
    {
      key: 'last_seen',
      header: texts.lastSeen,
      value: (row) => row.last_seen,
      short: true,
      minor: true,
    },
  ]
}

function Name({ row: { name, description, matches } }: { row: EventRow }) {
  const { events: texts } = useTexts()
  const [query] = useAddress('q')
  const elsewhere = matches.filter(({ field }) => field !== 'name' && field !== 'description')
  return (
    <div className={style.name}>
      <Link to="/events/$name" params={{ name }} className={style.key}>
        <Marked text={name} words={query} />
      </Link>
      <Text size="xs" c="dimmed" lineClamp={2}>
        <Marked text={description} words={query} />
      </Text>
      {elsewhere.slice(0, 2).map(({ field, text }) => (
        <Text key={field} size="xs">
          {texts.found(field)}: <Marked text={text} words={query} />
        </Text>
      ))}
    </div>
  )
}

function Violations({ count }: { count: number }) {
  const { number } = useFormats()
  return count > 0 ? <Status tone="warn">{number(count)}</Status> : '0'
}
