/** The picture as tables: for screen readers, for filtering, and to take away. */
import { Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Columns, ColumnStep } from '../../api/lineage'
import type { Search } from '../../parts/address'
import { Status } from '../../parts/Status'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { useTexts, worded } from '../../texts/texts'
import { STATE_TONES } from './AssetNode'
import { useStates } from './Canvas'
import type { Graph, Part, Shown } from './graph'

export function Twin({ graph, part }: { graph: Graph; part: Part }) {
  const texts = useTexts().lineage
  const { states } = useStates()
  const columns: Column<Shown>[] = [
    {
      key: 'asset',
      header: texts.asset,
      value: ({ asset }) => asset,
      cell: ({ asset }) => <Focus asset={asset} />,
    },
    {
      key: 'step',
      header: texts.step,
      value: ({ depth }) => depth,
      cell: ({ depth }) => stepped(depth, texts.steps),
      short: true,
    },
    {
      key: 'state',
      header: texts.state,
      value: ({ state }) => state,
      cell: ({ state }) => <Status tone={STATE_TONES[state]}>{states[state]}</Status>,
      short: true,
    },
    {
      key: 'reads',
      header: texts.reads,
      value: ({ asset }) => (graph.up.get(asset) ?? []).join(', '),
      minor: true,
    },
    {
      key: 'readers',
      header: texts.readBy,
      value: ({ asset }) => graph.down.get(asset)?.length ?? 0,
      numeric: true,
      minor: true,
    },
  ]
  return (
    <section aria-labelledby="lineage-table">
      <Title order={2} id="lineage-table" mb="xs">
        {texts.table}
      </Title>
      <DataTable
        name="lineage"
        label={texts.table}
        rows={part.nodes.toSorted((a, b) => a.depth - b.depth)}
        columns={columns}
        id={({ asset }) => asset}
        text={({ asset }) => asset}
      />
    </section>
  )
}

type Steps = ReturnType<typeof useTexts>['lineage']['steps']

function stepped(depth: number, texts: Steps): string {
  if (depth === 0) return texts.here
  return depth < 0 ? texts.before(-depth) : texts.after(depth)
}

function Focus({ asset }: { asset: string }) {
  const search = ({ up, down }: Search): Search => ({ asset, up, down })
  return (
    <Link to="/lineage" search={search} resetScroll={false}>
      <code>{asset}</code>
    </Link>
  )
}

export function ColumnPath({ told }: { told: Columns }) {
  const texts = useTexts().lineage
  const columns: Column<ColumnStep>[] = [
    { key: 'from', header: texts.from, value: (step) => end(step.source, step.source_column, step.path) },
    { key: 'to', header: texts.to, value: (step) => end(step.target, step.target_column) },
    {
      key: 'uses',
      header: texts.uses,
      value: ({ uses }) => uses.map((use) => worded(texts.useNames, use)).join(', '),
    },
    { key: 'step', header: texts.step, value: ({ depth }) => depth, cell: ({ depth }) => stepped(depth, texts.steps), short: true },
  ] // prettier-ignore
  return (
    <Stack gap="xs" component="section" aria-label={texts.path}>
      <DataTable
        name="lineage-path"
        address="path-"
        label={`${texts.path}: ${told.asset}.${told.column}`}
        rows={told.steps}
        columns={columns}
        id={(step) =>
          `${end(step.source, step.source_column, step.path)} ${end(step.target, step.target_column)} ${step.depth}`
        }
        text={(step) =>
          `${end(step.source, step.source_column)} ${end(step.target, step.target_column)}`
        }
      />
      {told.cut && <Text c="dimmed">{texts.cut}</Text>}
      {told.unresolved.map((sentence) => (
        <Text key={sentence} size="sm" c="dimmed">
          {texts.unresolved}: {sentence}
        </Text>
      ))}
    </Stack>
  )
}

function end(asset: string, column: string, path = ''): string {
  return column ? `${asset}.${column}${path && `$${path}`}` : asset
}
