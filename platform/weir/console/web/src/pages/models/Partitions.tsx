/** The partitions of a table: a grid to see the pattern, a table to work with. */
import { Group, Stack, Text } from '@mantine/core'
import { IconExternalLink } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { session } from '../../api/queries'
import { lookKey, type Looked } from '../../api/recovery'
import type { Model, Partition } from '../../api/types'
import { useAddress } from '../../parts/address'
import { AddressSelect } from '../../parts/AddressSelect'
import { Empty } from '../../parts/Empty'
import { ICON } from '../../parts/icons'
import { PARTITION_TONES } from '../../parts/states'
import { Status } from '../../parts/Status'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { View } from '../../parts/View'
import { PartitionKey, When } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { Findings } from '../recovery/Findings'
import { LookForm } from '../recovery/LookForm'
import { Grid } from './Grid'

export function Partitions({ model }: { model: Model }) {
  const { grid } = useTexts().models
  const { number } = useFormats()
  const [as, setAs] = useAddress('as', 'grid')
  const looked = useQuery<Looked>({ queryKey: lookKey(model.asset), enabled: false }).data
  const wrong = looked?.marks.filter(({ repair }) => repair !== '') ?? []
  const marks = new Map(wrong.map(({ key, seen }) => [key, seen]))
  if (model.partitions.length === 0) {
    const command = `weir run ${model.asset}`
    return <Empty title={grid.none} text={grid.noneText} command={command} />
  }
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <View
          label={grid.label}
          value={as}
          choose={setAs}
          values={{ grid: grid.asGrid, table: grid.asTable }}
        />
        <Legend partitions={model.partitions} />
      </Group>
      {model.partitions.length < model.partitions_in_all && (
        <Text size="sm" c="dimmed">
          {grid.some(number(model.partitions.length), number(model.partitions_in_all))}
        </Text>
      )}
      {as === 'table' ? (
        <PartitionTable model={model} />
      ) : (
        <Grid partitions={model.partitions} grain={model.grain} marks={marks} />
      )}
      <Group gap="xs">
        <LookForm asset={model.asset} />
        <Text size="sm" c="dimmed">
          {grid.look}
        </Text>
      </Group>
      {looked && <Findings looked={looked} />}
    </Stack>
  )
}

function Legend({ partitions }: { partitions: Partition[] }) {
  const { partitions: names } = useTexts().parts
  const { number } = useFormats()
  const counts = Map.groupBy(partitions, ({ state }) => state)
  return (
    <Group gap="md">
      {[...counts].map(([state, all]) => (
        <Status key={state} tone={PARTITION_TONES[state]}>
          {names[state]} {number(all.length)}
        </Status>
      ))}
    </Group>
  )
}

function PartitionTable({ model }: { model: Model }) {
  const dagster = useQuery(session).data?.dagster
  const { models: texts, parts } = useTexts()
  const [state] = useAddress('state')
  const columns: Column<Partition>[] = [
    {
      key: 'key',
      header: texts.grid.partition,
      value: ({ key }) => key,
      cell: ({ key }) => <PartitionKey value={key} zone={model.zone} />,
    },
    {
      key: 'state',
      header: texts.state,
      value: (row) => row.state,
      cell: (row) => (
        <Status tone={PARTITION_TONES[row.state]}>{parts.partitions[row.state]}</Status>
      ),
    },
    { key: 'rows', header: texts.rows, value: ({ rows }) => rows, numeric: true },
    { key: 'at', header: texts.grid.at, value: ({ at }) => at, cell: ({ at }) => <When at={at} /> },
    {
      key: 'dagster',
      header: 'Dagster',
      value: ({ key }) =>
        dagster
          ? `${dagster}assets/${model.asset}?view=partitions&partition=${encodeURIComponent(key)}`
          : '',
      cell: ({ key }) =>
        dagster ? (
          <a
            href={`${dagster}assets/${model.asset}?view=partitions&partition=${encodeURIComponent(key)}`}
            aria-label={`Dagster: ${key}`}
          >
            <IconExternalLink {...ICON} />
          </a>
        ) : (
          '–'
        ),
      minor: true,
    },
  ]
  return (
    <DataTable
      name={`${model.asset.replaceAll('/', '-')}-partitions`}
      label={texts.tabs.partitions}
      rows={model.partitions.filter((row) => !state || row.state === state).toReversed()}
      columns={columns}
      id={({ key }) => key}
      text={({ key }) => key}
    >
      <AddressSelect name="state" label={texts.state} any={texts.any} values={parts.partitions} />
    </DataTable>
  )
}
