/** The shown part as boxes with columns in them, and the lines between. Pure. */
import type { ColumnStep } from '../../api/lineage'
import type { Part, Shown } from './graph'
import type { Box } from './layout'

export const WIDTH = 236
const HEAD = 48
const ROW = 22
const FOOT = 6
const MOST = 12

export interface AssetBox extends Box {
  asset: Shown
  /** Columns that are drawn in it; '' stands for its rows. */
  columns: string[]
  /** How many more it has. */
  more: number
}

export interface Line {
  id: string
  source: string
  target: string
  sourceColumn?: string
  targetColumn?: string
  lit: boolean
}

export interface Choice {
  asset: string
  /** All columns of the asset in focus. */
  columns: string[]
  column: string
  steps: ColumnStep[]
  /** Whether all columns are wanted, and not the first ones only. */
  all: boolean
}

/**
 * The steps by which values flow into a column and out of it. What only decides which rows there
 * are reaches every column: it stands in the table, and would drown the picture.
 */
export function valuePath(asset: string, column: string, steps: ColumnStep[]): ColumnStep[] {
  const reached = { up: new Set([`${asset}.${column}`]), down: new Set([`${asset}.${column}`]) }
  const nearest = steps.toSorted((a, b) => Math.abs(a.depth) - Math.abs(b.depth))
  return nearest.filter(
    ({ source, source_column: from, target, target_column: to, uses, depth }) => {
      const ends = [`${target}.${to}`, `${source}.${from}`] as const
      const [here, there] = depth < 0 ? ends : ([ends[1], ends[0]] as const)
      const known = depth < 0 ? reached.up : reached.down
      if (!uses.includes('value') || !known.has(here)) return false
      known.add(there)
      return true
    },
  )
}

/** Columns on the chosen column's path, by asset. */
export function onPath({ asset, column, steps }: Choice): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  if (!column) return found
  found.set(asset, new Set([column]))
  for (const { source, source_column: from, target, target_column: to } of steps) {
    found.set(source, (found.get(source) ?? new Set()).add(from))
    found.set(target, (found.get(target) ?? new Set()).add(to))
  }
  return found
}

export function boxesOf({ nodes }: Part, choice: Choice): AssetBox[] {
  const path = onPath(choice)
  return nodes.map((asset) => {
    const mine = columnsIn(asset.asset, choice, path)
    const height = HEAD + (mine.length > 0 ? mine.length * ROW + FOOT : 0)
    return {
      id: asset.asset,
      width: WIDTH,
      height,
      asset,
      columns: mine,
      more: asset.asset === choice.asset ? choice.columns.length - mine.length : 0,
    }
  })
}

function columnsIn(asset: string, choice: Choice, path: Map<string, Set<string>>): string[] {
  const lit = [...(path.get(asset) ?? [])]
  if (asset !== choice.asset) return lit
  const first = choice.all ? choice.columns : choice.columns.slice(0, MOST)
  return [...new Set([...first, ...lit])]
}

/** Middle of a column's row in its box, from the box's top. */
export function rowMiddle(index: number): number {
  return HEAD + index * ROW + ROW / 2
}

export const HEAD_MIDDLE = HEAD / 2

/** One line per read; of the chosen column's path, one per step that both ends of are drawn. */
export function linesOf({ nodes, edges }: Part, choice: Choice): Line[] {
  const shown = new Set(nodes.map(({ asset }) => asset))
  const reads = edges.map(({ source, target }) => ({
    id: `${source} ${target}`,
    source,
    target,
    lit: false,
  }))
  const path = choice.steps
    .filter(({ source, target }) => shown.has(source) && shown.has(target) && source !== target)
    .map(({ source, source_column: from, target, target_column: to }) => ({
      id: `${source}.${from} ${target}.${to}`,
      source,
      target,
      sourceColumn: from,
      targetColumn: to,
      lit: true,
    }))
  return [...reads, ...new Map(path.map((line) => [line.id, line])).values()]
}
