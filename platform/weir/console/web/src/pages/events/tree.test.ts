import { expect, test } from 'vitest'
import type { Node } from '../../api/types'
import { branches, limits, treeRows } from './tree'

function node(name: string, ...children: Node[]): Node {
  const kind = children.length > 0 ? 'object' : 'scalar'
  return {
    name,
    kind,
    required: false,
    nullable: false,
    description: '',
    constraints: {},
    children,
  }
}

const TREE = [node('item', node('id'), node('size', node('width'))), node('price')]

test('rows come from the top down with their paths', () => {
  expect(treeRows(TREE, new Set()).map(({ path, depth }) => [path, depth])).toEqual([
    ['item', 0],
    ['item.id', 1],
    ['item.size', 1],
    ['item.size.width', 2],
    ['price', 0],
  ])
})

test('what is in a closed parameter is left out', () => {
  const paths = treeRows(TREE, new Set(['item.size'])).map(({ path }) => path)
  expect(paths).toEqual(['item', 'item.id', 'item.size', 'price'])
})

test('only parameters with parameters can be closed', () => {
  expect(branches(TREE)).toEqual(['item', 'item.size'])
})

test('constraints are said in a line, and a raw schema as it is', () => {
  const text = { ...node('a'), constraints: { minLength: 1, pattern: '^a', enum: ['x'] } }
  expect(limits(text)).toBe('minLength 1, pattern ^a, enum ["x"]')
  expect(limits({ ...node('b'), schema_text: { not: {} } })).toBe('{"not":{}}')
})
