/** What an asset or a column is made of and what it reaches: as a picture, and as a table. */
import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo, useState } from 'react'
import {
  columns as askColumns,
  lineage as ask,
  type Columns,
  type Lineage,
} from '../../api/lineage'
import { useAddress, type Search } from '../../parts/address'
import { Asked } from '../../parts/Asked'
import { AssetLink } from '../../parts/AssetLink'
import { Empty } from '../../parts/Empty'
import { Page } from '../../parts/Page'
import { useTexts } from '../../texts/texts'
import { Canvas } from './Canvas'
import { Controls } from './Controls'
import { graphOf, partOf, type Graph } from './graph'
import { valuePath } from './picture'
import { ColumnPath, Twin } from './Tables'

const STEPS = '2'
const NO_COLUMNS: Columns = {
  asset: '',
  columns: [],
  column: '',
  steps: [],
  cut: false,
  unresolved: [],
}

export function LineagePage() {
  const texts = useTexts().lineage
  const [asset] = useAddress('asset')
  const query = useQuery(ask)
  return (
    <Page
      title={texts.title}
      lead={texts.lead}
      actions={asset && <AssetLink asset={asset} label={texts.model} />}
    >
      <Asked query={query} lines={10}>
        {(all) => <Around all={all} asset={asset} />}
      </Asked>
    </Page>
  )
}

function Around({ all, asset }: { all: Lineage; asset: string }) {
  const texts = useTexts().lineage
  const graph = useMemo(() => graphOf(all), [all])
  return (
    <Stack gap="md">
      <Controls graph={graph} />
      {graph.assets.has(asset) ? (
        <Focused key={asset} graph={graph} asset={asset} />
      ) : (
        <Empty title={texts.noAsset} text={texts.noAssetText} command="weir lineage ASSET --up">
          <Examples graph={graph} />
        </Empty>
      )}
    </Stack>
  )
}

/** Facts first: most questions are about them. */
function Examples({ graph }: { graph: Graph }) {
  const facts = [...graph.assets.values()].filter(({ stage }) => stage === 'fact').slice(0, 5)
  return facts.map(({ asset }) => (
    <Link key={asset} to="/lineage" search={{ asset }}>
      {asset}
    </Link>
  ))
}

/** Ways through the address: another asset, another column, more neighbours. */
export function useMoves() {
  const navigate = useNavigate()
  const go = useCallback(
    (change: (now: Search) => Search, replace = false) =>
      void navigate({ to: '.', search: change, replace, resetScroll: false }),
    [navigate],
  )
  const show = useCallback((asset: string) => go(({ up, down }) => ({ asset, up, down })), [go])
  const open = useCallback(
    (word: string) =>
      go((now) => ({ ...now, open: [now.open, word].filter(Boolean).join(',') }), true),
    [go],
  )
  const choose = useCallback(
    (column: string) => go((now) => ({ ...now, column: column || undefined }), true),
    [go],
  )
  return { show, open, choose }
}

function Focused({ graph, asset }: { graph: Graph; asset: string }) {
  const texts = useTexts().lineage
  const [up] = useAddress('up', STEPS)
  const [down] = useAddress('down', STEPS)
  const [opened] = useAddress('open')
  const [column] = useAddress('column')
  const [all, setAll] = useState(false)
  const unfold = useCallback(() => setAll(true), [])
  const moves = useMoves()
  const part = useMemo(
    () =>
      partOf(graph, {
        asset,
        up: Number(up) || 0,
        down: Number(down) || 0,
        opened: opened ? opened.split(',') : [],
      }),
    [graph, asset, up, down, opened],
  )
  const found = useQuery({
    ...askColumns(asset, column, Number(up) || 0, Number(down) || 0),
    placeholderData: (before) => (before?.asset === asset ? before : undefined),
  })
  const told = found.data ?? NO_COLUMNS
  const choice = useMemo(
    () => ({
      asset,
      column: told.column,
      columns: told.columns.map(({ name }) => name),
      steps: valuePath(asset, told.column, told.steps),
      all,
    }),
    [asset, told, all],
  )
  return (
    <Stack gap="md">
      <div>
        <Canvas graph={graph} part={part} choice={choice} unfold={unfold} {...moves} />
        <Text size="sm" c="dimmed" role="status">
          {texts.shown(part.nodes.length, part.edges.length)}
        </Text>
      </div>
      {column && <ColumnPath told={told} />}
      <Twin graph={graph} part={part} />
    </Stack>
  )
}
