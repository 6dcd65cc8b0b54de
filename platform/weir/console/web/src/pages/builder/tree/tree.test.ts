import { expect, test } from 'vitest'
import { readSchema, writeSchema, type Json, type Node } from './model'
import {
  addChild, addSibling, changeKind, drop, duplicate, find, insert, move, pathOf, remove, rowsOf, update,
  type Edit,
} from './tree' // prettier-ignore

const text = { type: 'string' }
const schema: Json = {
  type: 'object',
  properties: {
    a: text,
    item: { type: 'object', properties: { id: text, tags: { type: 'array', items: text } } },
    b: text,
  },
  required: ['a', 'item'],
}
const root = readSchema(schema)

function id(path: string, tree: Node = root): string {
  const row = rowsOf(tree, new Set()).find(({ node }) => pathOf(tree, node.id) === path)
  if (!row) throw new Error(`there is no ${path}`)
  return row.node.id
}

function done(edit: Edit | null): Edit {
  if (!edit) throw new Error('it cannot be done')
  return edit
}

function nodeAt(path: string): Node {
  return find(root, id(path))?.node ?? root
}

function paths(tree: Node | undefined): string[] {
  return tree ? rowsOf(tree, new Set()).map(({ node }) => pathOf(tree, node.id)) : []
}

test('rows have depths, and a closed node hides what is in it', () => {
  expect(paths(root)).toEqual(['a', 'item', 'item.id', 'item.tags', 'item.tags[]', 'b'])
  expect(rowsOf(root, new Set([id('item')])).length).toBe(3)
  expect(rowsOf(root, new Set()).map(({ depth }) => depth)).toEqual([0, 0, 1, 1, 2, 0])
})

test('nodes are moved among neighbours, in and out', () => {
  expect(paths(move(root, id('b'), 'up')?.root)[1]).toBe('b')
  expect(move(root, id('a'), 'up')).toBeNull()
  expect(paths(move(root, id('b'), 'in')?.root).at(-1)).toBe('item.b')
  expect(paths(move(root, id('item.id'), 'out')?.root)).toContain('id')
  expect(move(root, id('a'), 'out')).toBeNull()
  expect(move(root, id('item'), 'in')).toBeNull() // `a` is a text
})

test('nodes are dropped anywhere but into themselves, and into what has no room', () => {
  expect(paths(drop(root, id('a'), id('item.id'), 'after')?.root)[2]).toBe('item.a')
  expect(paths(drop(root, id('b'), id('a'), 'before')?.root)[0]).toBe('b')
  expect(paths(drop(root, id('a'), id('b'), 'after')?.root).at(-1)).toBe('a')
  expect(drop(root, id('item'), id('item.id'), 'after')).toBeNull()
  expect(drop(root, id('a'), id('item.tags'), 'inside')).toBeNull()
  expect(drop(root, id('a'), id('a'), 'after')).toBeNull()
})

test('nodes are added and removed, and something near is at hand', () => {
  const sibling = done(addSibling(root, id('a')))
  expect(sibling.root.children.length).toBe(4)
  expect(find(sibling.root, sibling.at)?.index).toBe(1)
  const beside = done(addSibling(root, id('item.tags[]')))
  expect(find(beside.root, beside.at)?.parent?.name).toBe('item')
  expect(addChild(root, id('item.tags'))).toBeNull()
  expect(addChild(root, id('a'))).toBeNull()
  expect(remove(root, id('b'))?.at).toBe(id('item'))
  expect(remove(root, root.id)).toBeNull()
  expect(paths(duplicate(root, id('item'))?.root)).toContain('item_2.tags[]')
})

test('what is moved to where names mean nothing loses its name and its being required', () => {
  const union = changeKind(nodeAt('item'), 'union')
  const tree = update(root, id('item'), () => union)
  const moved = drop(tree, id('a', tree), union.id, 'inside')
  expect(moved?.root.children[0]?.children.at(-1)).toMatchObject({ name: '', required: false })
})

test('an edit of one node leaves the others as they are', () => {
  const next = update(root, id('item.id'), (node) => ({ ...node, name: 'code' }))
  expect(next.children[0]).toBe(root.children[0])
  expect(next).not.toBe(root)
  expect(insert(root, root.id, 0, { ...root, id: 'new' }).root.children[0]?.id).toBe('new')
})

test('another kind keeps what means the same there', () => {
  const item = nodeAt('item')
  expect(writeSchema(changeKind(item, 'array'))).toEqual({
    type: 'array',
    items: { type: 'object', properties: { id: text, tags: { type: 'array', items: text } } },
  })
  expect(writeSchema(changeKind(changeKind(item, 'array'), 'object'))).toEqual(writeSchema(item))
  const number = readSchema({
    type: 'object',
    properties: { n: { type: 'integer', minimum: 1, description: 'N.' } },
  })
  const [n] = number.children
  if (!n) throw new Error('no parameter')
  expect(writeSchema(changeKind(n, 'number'))).toEqual({
    type: 'number',
    minimum: 1,
    description: 'N.',
  })
  expect(writeSchema(changeKind(n, 'string'))).toEqual({ type: 'string', description: 'N.' })
  expect(writeSchema(changeKind(n, 'fragment', 'fragment:money/1'))).toEqual({
    description: 'N.', $ref: 'fragment:money/1',
  }) // prettier-ignore
  expect(changeKind(n, 'union').children.map(({ kind }) => kind)).toEqual(['integer', 'string'])
})
