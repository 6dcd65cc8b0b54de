/** The versions of an event, and what differs between two of them. */
import { Group, NativeSelect, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { differences } from '../../api/queries'
import type { Difference, Event } from '../../api/types'
import { useAddress } from '../../parts/address'
import { Asked } from '../../parts/Asked'
import { Status } from '../../parts/Status'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { When } from '../../parts/When'
import { useTexts, worded } from '../../texts/texts'

type Version = Event['versions'][number]

export function Versions({ event }: { event: Event }) {
  const { events, parts } = useTexts()
  const texts = events.versions
  const columns: Column<Version>[] = [
    { key: 'number', header: texts.number, value: ({ number }) => number },
    {
      key: 'status',
      header: events.status,
      value: ({ status }) => status,
      cell: ({ status }) => worded(parts.statuses, status),
    },
    {
      key: 'at',
      header: texts.at,
      value: (version) => version.active_from,
      cell: (version) => <When at={version.active_from} />,
    },
  ]
  return (
    <Stack gap="lg">
      <DataTable
        name={`${event.name}-versions`}
        label={events.tabs.versions}
        rows={event.versions}
        columns={columns}
        id={({ number }) => String(number)}
      />
      <Compare event={event} />
    </Stack>
  )
}

function Compare({ event }: { event: Event }) {
  const texts = useTexts().events.versions
  const numbers = event.versions.map(({ number }) => number).toSorted((a, b) => a - b)
  const [from, setFrom] = useAddress('from', String(numbers.at(-2) ?? ''))
  const [to, setTo] = useAddress('to', String(numbers.at(-1) ?? ''))
  if (numbers.length < 2) return <Text c="dimmed">{texts.only}</Text>
  const data = numbers.map(String)
  return (
    <div>
      <Group gap="xs" mb="xs">
        <Title order={2}>{texts.compare}</Title>
        <NativeSelect
          aria-label={texts.from}
          data={data}
          value={from}
          onChange={(change) => setFrom(change.currentTarget.value)}
        />
        <Text>→</Text>
        <NativeSelect
          aria-label={texts.to}
          data={data}
          value={to}
          onChange={(change) => setTo(change.currentTarget.value)}
        />
      </Group>
      <Differences name={event.name} from={Number(from)} to={Number(to)} />
    </div>
  )
}

function Differences({ name, from, to }: { name: string; from: number; to: number }) {
  const texts = useTexts().events.versions
  const query = useQuery(differences(name, from, to))
  const columns: Column<Difference>[] = [
    {
      key: 'breaking',
      header: texts.rule,
      value: ({ rule }) => rule,
      cell: ({ breaking, rule }) => (
        <Stack gap={0}>
          <Status tone={breaking ? 'bad' : 'good'}>
            {breaking ? texts.breaking : texts.compatible}
          </Status>
          <code>{rule}</code>
        </Stack>
      ),
    },
    {
      key: 'pointer',
      header: texts.where,
      value: ({ pointer }) => pointer,
      cell: ({ pointer }) => <code>{pointer}</code>,
    },
    { key: 'reason', header: texts.reason, value: ({ reason }) => reason },
    { key: 'remedy', header: texts.remedy, value: ({ remedy }) => remedy },
  ]
  return (
    <Asked query={query}>
      {({ differences: rows }) =>
        rows.length === 0 ? (
          <Text c="dimmed">{texts.same}</Text>
        ) : (
          <DataTable
            name={`${name}-${from}-${to}`}
            address="difference-"
            label={texts.compare}
            rows={rows}
            columns={columns}
            id={({ pointer, rule }) => `${pointer} ${rule}`}
          />
        )
      }
    </Asked>
  )
}
