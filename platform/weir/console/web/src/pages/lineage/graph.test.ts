import { expect, test } from 'vitest'
import type { ColumnStep, Lineage } from '../../api/lineage'
import { graphOf, partOf, walk, fitting } from './graph'
import { place } from './layout'
import { valuePath } from './picture'

const asset = (name: string): Lineage['assets'][number] => ({
  asset: name,
  stage: 'fact',
  kind: 'fact',
  grain: 'day',
  state: 'current',
  wrong: 0,
  columns: 1,
})
const NAMES = ['a', 'b', 'c', 'd', 'e']
const EDGES = [
  { source: 'a', target: 'b' },
  { source: 'b', target: 'c' },
  { source: 'c', target: 'd' },
  { source: 'e', target: 'c' },
]
const graph = graphOf({ assets: NAMES.map(asset), edges: EDGES })
const around = (up: number, down: number, ...opened: string[]) =>
  partOf(graph, { asset: 'c', up, down, opened })

test('so many steps are shown, and what is hidden is counted', () => {
  const part = around(1, 0)
  expect(part.nodes.map(({ asset: name, depth }) => [name, depth])).toEqual([
    ['c', 0],
    ['b', -1],
    ['e', -1],
  ])
  expect(part.nodes.find(({ asset: name }) => name === 'b')?.hiddenUp).toBe(1)
  expect(part.nodes.find(({ asset: name }) => name === 'c')?.hiddenDown).toBe(1)
  expect(part.edges).toHaveLength(2)
})

test('hidden neighbours are opened one asset at a time', () => {
  const names = around(1, 0, '<b', '>c').nodes.map(({ asset: name }) => name)
  expect(names.toSorted()).toEqual(NAMES)
})

test('arrows walk along reads, and up and down beside each other', () => {
  const boxes = NAMES.map((id) => ({ id, width: 200, height: 40 }))
  const places = new Map(place({ boxes, edges: EDGES }).map(([id, x, y]) => [id, { x, y }]))
  expect(walk(graph, places, 'c', 'ArrowRight')).toBe('d')
  expect(walk(graph, places, 'd', 'ArrowLeft')).toBe('c')
  expect(walk(graph, places, 'd', 'ArrowRight')).toBe('d')
  expect(
    ['ArrowUp', 'ArrowDown'].map((key) => walk(graph, places, 'b', key as 'ArrowUp')),
  ).toContain('e')
})

test('the picture follows values, not what decides rows', () => {
  const step = (source: string, target: string, uses: string[], depth: number): ColumnStep => ({
    source,
    source_column: 'x',
    target,
    target_column: 'x',
    path: '',
    uses,
    depth,
  })
  const steps = [
    step('a', 'b', ['value'], -2),
    step('e', 'c', ['filter'], -1),
    step('b', 'c', ['value'], -1),
    step('c', 'd', ['value'], 1),
    step('d', 'e', ['value'], -2),
  ]
  const told = valuePath('c', 'x', steps).map(({ source, target }) => `${source}${target}`)
  expect(told.toSorted()).toEqual(['ab', 'bc', 'cd'])
})

test('a long name keeps its end, by which assets of one fact differ', () => {
  expect(fitting('users_purchased_item')).toBe('users_purchased_item')
  expect(fitting('users_purchased_item_firstlast_weekly')).toBe('users_pur…_firstlast_weekly')
})
