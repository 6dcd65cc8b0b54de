import { beforeEach, expect, test } from 'vitest'
import { faults } from './checks'
import { draftKey, draftOf, dropDraft, keepDraft, type Draft } from './drafts'
import { begin, edit, redo, undo } from './history'
import { readSchema, type Json } from './model'
import { locate } from './pointers'

const RULES = { reserved: ['user_id', 'platform'], max_name: 30 }

function rules(properties: Json, name = 'view_item_shop'): string[] {
  const said = Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [
      key,
      { description: 'Said.', ...(value as Json) },
    ]),
  )
  const root = readSchema({ type: 'object', properties: said })
  return faults(name, root, RULES).map(({ rule }) => rule)
}

test('what is wrong at first sight is said at once', () => {
  expect(rules({ quantity: { type: 'integer' } })).toEqual([])
  expect(rules({}, 'ViewItem')).toEqual(['nameForm'])
  expect(rules({ itemID: {} })).toEqual(['snake'])
  expect(rules({ user_id: {}, event_x: {}, _x: {} })).toEqual(['reserved', 'reserved', 'reserved'])
  expect(rules({ ['a'.repeat(31)]: {} })).toEqual(['long'])
  expect(rules({ a: { type: 'string', minLength: 3, maxLength: 2 } })).toEqual(['bounds'])
  expect(rules({ a: { description: '' } })).toEqual(['undescribed'])
  expect(rules({ a: { oneOf: [{ type: 'string' }] } })).toEqual(['options'])
})

test('a name twice or none cannot be written', () => {
  const root = readSchema({ type: 'object', properties: { a: {}, b: {} } })
  const twice = { ...root, children: root.children.map((node) => ({ ...node, name: 'a' })) }
  const found = faults('view_item_shop', twice, RULES).filter(({ blocks }) => blocks)
  expect(found.map(({ rule }) => rule)).toEqual(['twice'])
  const empty = { ...root, children: root.children.map((node) => ({ ...node, name: '' })) }
  expect(faults('', empty, RULES).filter(({ blocks }) => blocks).length).toBe(2)
})

test('a pointer leads to the deepest node on its way', () => {
  const text = { type: 'string' }
  const root = readSchema({
    type: 'object',
    properties: {
      'a/b': { type: 'array', items: { type: 'object', properties: { c: text } } },
      m: { type: 'object', additionalProperties: text },
      u: { oneOf: [text, { type: 'integer', minimum: 1 }] },
    },
  })
  const at = (pointer: string) => {
    const { node, rest } = locate(root, pointer)
    return [node.kind, node.name, rest.join('/')]
  }
  expect(at('/properties/a~1b/items/properties/c/pattern')).toEqual(['string', 'c', 'pattern'])
  expect(at('/properties/m/additionalProperties')).toEqual(['string', '', ''])
  expect(at('/properties/u/oneOf/1/minimum')).toEqual(['integer', '', 'minimum'])
  expect(at('/required/0')).toEqual(['object', '', 'required/0'])
  expect(at('/properties/none')).toEqual(['object', '', 'properties/none'])
})

test('typing is one step back, other edits are one each', () => {
  let history = begin('')
  for (const [index, text] of ['a', 'ab', 'abc'].entries())
    history = edit(history, text, 'name', index)
  history = edit(history, 'abc!', 'kind', 10)
  history = edit(history, 'abc!?', 'kind', 9999)
  expect(undo(history).now).toBe('abc!')
  history = undo(undo(undo(undo(history))))
  expect(history.now).toBe('')
  expect(redo(redo(history)).now).toBe('abc!')
  expect(edit(redo(history), 'new').future).toEqual([])
  expect(redo(edit(begin(1), 2)).now).toBe(2)
})

beforeEach(() => localStorage.clear())

test('a draft outlives the page, and a broken one is none', () => {
  const draft: Draft = {
    envelope: { name: 'a_b_c' }, parameters: {}, terms: [], read: {}, branch: '', at: '2026-11-22T00:00:00Z',
  } // prettier-ignore
  const key = draftKey('a_b_c', '')
  expect(keepDraft(key, draft)).toBe(true)
  expect(draftOf(key)).toEqual(draft)
  expect(draftOf(draftKey('a_b_c', 'events/a_b_c-1'))).toBeNull()
  expect(keepDraft(key, { ...draft, branch: 'x'.repeat(1_000_001) })).toBe(false)
  dropDraft(key)
  expect(draftOf(key)).toBeNull()
  localStorage.setItem(key, '{"envelope":1}')
  expect(draftOf(key)).toBeNull()
  localStorage.setItem(key, 'no JSON')
  expect(draftOf(key)).toBeNull()
})
