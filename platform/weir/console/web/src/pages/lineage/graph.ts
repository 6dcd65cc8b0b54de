/** Which part of the graph is shown: so many steps around one asset, and what was opened. Pure. */
import type { Lineage, LineageAsset, LineageEdge } from '../../api/lineage'

export interface Graph {
  assets: Map<string, LineageAsset>
  /** Asset → what it reads. */
  up: Map<string, string[]>
  /** Asset → what reads it. */
  down: Map<string, string[]>
}

export interface Shown extends LineageAsset {
  /** Steps from the asset in focus: negative upwards. */
  depth: number
  /** How many of its neighbours are not shown. */
  hiddenUp: number
  hiddenDown: number
}

export interface Part {
  nodes: Shown[]
  edges: LineageEdge[]
}

export interface Focus {
  asset: string
  up: number
  down: number
  /** Assets whose hidden neighbours were asked for: `<asset` upwards, `>asset` downwards. */
  opened: string[]
}

export function graphOf({ assets, edges }: Lineage): Graph {
  const up = new Map<string, string[]>()
  const down = new Map<string, string[]>()
  for (const { source, target } of edges) {
    down.set(source, [...(down.get(source) ?? []), target])
    up.set(target, [...(up.get(target) ?? []), source])
  }
  return { assets: new Map(assets.map((one) => [one.asset, one])), up, down }
}

/** Assets within so many steps in one direction, each with its distance. */
function reach(from: string, steps: number, next: Map<string, string[]>): Map<string, number> {
  const found = new Map([[from, 0]])
  let edge = [from]
  for (let depth = 1; depth <= steps && edge.length > 0; depth += 1) {
    edge = edge.flatMap((asset) => next.get(asset) ?? []).filter((asset) => !found.has(asset))
    for (const asset of edge) found.set(asset, depth)
    edge = [...new Set(edge)]
  }
  return found
}

function depths(graph: Graph, { asset, up, down, opened }: Focus): Map<string, number> {
  const found = new Map<string, number>()
  for (const [one, depth] of reach(asset, up, graph.up)) found.set(one, 0 - depth)
  for (const [one, depth] of reach(asset, down, graph.down)) {
    if (!found.has(one)) found.set(one, depth)
  }
  for (const word of opened) addOpened(graph, found, word)
  return found
}

function addOpened(graph: Graph, found: Map<string, number>, word: string): void {
  const from = word.slice(1)
  const upwards = word.startsWith('<')
  const at = found.get(from)
  if (at === undefined) return
  for (const one of (upwards ? graph.up : graph.down).get(from) ?? []) {
    if (!found.has(one)) found.set(one, upwards ? at - 1 : at + 1)
  }
}

export function partOf(graph: Graph, focus: Focus): Part {
  const found = depths(graph, focus)
  const hidden = (asset: string, next: Map<string, string[]>) =>
    (next.get(asset) ?? []).filter((one) => !found.has(one)).length
  const nodes = [...found].flatMap(([asset, depth]) => {
    const known = graph.assets.get(asset)
    if (!known) return []
    return [
      { ...known, depth, hiddenUp: hidden(asset, graph.up), hiddenDown: hidden(asset, graph.down) },
    ]
  })
  const edges = nodes.flatMap(({ asset }) =>
    (graph.down.get(asset) ?? [])
      .filter((target) => found.has(target))
      .map((target) => ({ source: asset, target })),
  )
  return { nodes, edges }
}

export type Direction = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown'
export type Places = Map<string, { x: number; y: number }>

/** The asset that an arrow leads to from another, as they are laid out; itself if there is none. */
export function walk(graph: Graph, places: Places, from: string, key: Direction): string {
  const here = places.get(from)
  if (!here) return from
  const candidates =
    key === 'ArrowLeft' || key === 'ArrowRight'
      ? ((key === 'ArrowLeft' ? graph.up : graph.down).get(from) ?? [])
      : [...places.keys()].filter((asset) => inColumn(places, asset, here, key))
  const far = (asset: string) => Math.abs((places.get(asset)?.y ?? Infinity) - here.y)
  return candidates.filter((asset) => places.has(asset)).sort((a, b) => far(a) - far(b))[0] ?? from
}

const SAME_COLUMN = 60 // pixels: assets of one step may differ in width

function inColumn(places: Places, asset: string, here: { x: number; y: number }, key: string) {
  const there = places.get(asset)
  if (!there || Math.abs(there.x - here.x) > SAME_COLUMN) return false
  return key === 'ArrowUp' ? there.y < here.y : there.y > here.y
}

const LONGEST = 27 // characters of a name in its box
const END = 17

/** A name that fits its box: assets of one fact differ at the end, so the middle is left out. */
export function fitting(name: string): string {
  return name.length <= LONGEST ? name : `${name.slice(0, LONGEST - END - 1)}…${name.slice(-END)}`
}
