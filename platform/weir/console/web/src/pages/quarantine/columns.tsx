/** The columns of the quarantine's tables. */
import { Link } from '@tanstack/react-router'
import type { Chosen, Drop, Group } from '../../api/quarantine'
import type { Column } from '../../parts/table/columns'
import { When } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { NONE } from './chosen'
import style from './Quarantine.module.css'

export function useGroupColumns(chosen: Chosen): Column<Group>[] {
  const texts = useTexts().quarantine
  const { percent } = useFormats()
  const { columns } = texts
  return [
    {
      key: 'event',
      header: columns.event,
      value: ({ event }) => event ?? texts.noName,
      cell: (group) => (
        <Link to="/quarantine/events" search={searchOf(group, chosen)}>
          {group.event ? <code>{group.event}</code> : texts.noName}
        </Link>
      ),
    },
    {
      key: 'rule',
      header: columns.rule,
      value: ({ rule }) => rule,
      cell: ({ rule }) => <code>{rule}</code>,
    },
    {
      key: 'pointer',
      header: columns.pointer,
      value: ({ pointer }) => pointer || texts.wholeEvent,
      cell: ({ pointer }) => (pointer ? <code>{pointer}</code> : texts.wholeEvent),
    },
    { key: 'rows', header: columns.rows, value: ({ rows }) => rows, numeric: true },
    {
      key: 'share',
      header: columns.share,
      value: ({ share }) => share,
      numeric: true,
      minor: true,
      cell: ({ share }) => (
        <span className={style.share}>
          <span className={style.bar} style={{ '--share': share }} aria-hidden="true" />
          {percent(share)}
        </span>
      ),
    },
    {
      key: 'replayed',
      header: columns.replayed,
      value: ({ replayed }) => replayed,
      numeric: true,
      minor: true,
    },
    {
      key: 'first',
      header: columns.first,
      value: ({ first_seen }) => first_seen,
      cell: ({ first_seen }) => <When at={first_seen} ago />,
      short: true,
      minor: true,
    },
    {
      key: 'last',
      header: columns.last,
      value: ({ last_seen }) => last_seen,
      cell: ({ last_seen }) => <When at={last_seen} ago />,
      short: true,
    },
  ]
}

/** The address of a group: what it has in common, and what was filtered already. */
export function searchOf({ event, rule, pointer }: Group, chosen: Chosen): Chosen {
  return {
    ...chosen,
    event: event ?? NONE,
    ...(rule && { rule }),
    ...(pointer && { pointer }),
  }
}

export function useDropColumns(): Column<Drop>[] {
  const { columns } = useTexts().quarantine
  return [
    {
      key: 'code',
      header: columns.code,
      value: ({ code }) => code,
      cell: ({ code }) => <code>{code}</code>,
    },
    { key: 'producer', header: columns.producer, value: ({ producer }) => producer },
    { key: 'event', header: columns.event, value: ({ event }) => event },
    { key: 'requests', header: columns.requests, value: ({ requests }) => requests, numeric: true },
    { key: 'events', header: columns.rows, value: ({ events }) => events, numeric: true },
    {
      key: 'bytes',
      header: columns.bytes,
      value: ({ bytes }) => bytes,
      numeric: true,
      minor: true,
    },
    {
      key: 'last',
      header: columns.last,
      value: ({ last }) => last,
      cell: ({ last }) => <When at={last} ago />,
      short: true,
    },
  ]
}
