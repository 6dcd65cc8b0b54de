/** What happened to a plan, line by line. */
import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { session } from '../../api/queries'
import type { Plan } from '../../api/recovery'
import { Empty } from '../../parts/Empty'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { When } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts, worded } from '../../texts/texts'

type Line = Plan['journal'][number]

export function Journal({ plan }: { plan: Plan }) {
  const { journal: texts, tabs } = useTexts().plan
  const { seconds } = useFormats()
  const dagster = useQuery(session).data?.dagster
  if (plan.journal.length === 0) return <Empty title={texts.none} text={texts.noneText} />
  const columns: Column<Line>[] = [
    { key: 'at', header: texts.at, value: ({ at }) => at, cell: ({ at }) => <When at={at} /> },
    {
      key: 'event',
      header: texts.event,
      value: ({ event }) => worded(texts.events, event),
      cell: ({ event, text }) => (
        <>
          {worded(texts.events, event)}
          {text && (
            <Text size="xs" c="dimmed">
              {text}
            </Text>
          )}
        </>
      ),
    },
    { key: 'step', header: texts.step, value: ({ step }) => step || null, numeric: true },
    {
      key: 'partitions',
      header: texts.partitions,
      value: ({ assets, partitions }) => `${assets.slice(0, 2).join(', ')} ${partitions}`.trim(),
      minor: true,
    },
    {
      key: 'seconds',
      header: texts.seconds,
      value: (line) => line.seconds,
      cell: (line) => (line.seconds === null ? '–' : seconds(line.seconds)),
      numeric: true,
    },
    {
      key: 'run',
      header: texts.run,
      value: ({ run }) => run,
      cell: ({ run }) =>
        dagster && run ? (
          <a href={`${dagster}runs/${run}`}>
            <code>{run.slice(0, 8)}</code>
          </a>
        ) : (
          run.slice(0, 8) || '–'
        ),
      minor: true,
    },
  ]
  return (
    <DataTable
      name={`${plan.id}-journal`}
      label={tabs.journal}
      rows={plan.journal.map((line, index) => ({ ...line, index })).toReversed()}
      columns={columns}
      id={({ at, event, step }) => `${at} ${event} ${step}`}
    />
  )
}
