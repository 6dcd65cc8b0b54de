import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { othersOf, piiOf, readSchema, writeSchema, type Json } from './model'

const wide: Json = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'All kinds',
  type: 'object',
  properties: {
    text: { type: 'string', maxLength: 3, description: 'A text.' },
    maybe: { type: ['null', 'integer'], minimum: 1 },
    parts: { items: { type: 'object', properties: { id: { type: 'string' } } }, type: 'array' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    pay: { oneOf: [{ type: 'string' }, { type: 'integer' }], description: 'How.' },
    to: { $ref: 'fragment:address/1', description: 'Where to.' },
    anything: { description: 'Free.' },
    odd: { type: 'object', allOf: [{ required: ['a'] }], properties: { a: {} } },
    none: false,
  },
  required: ['maybe', 'text'],
  additionalProperties: false,
  $defs: { unused: { type: 'string' } },
}

test('a tree is written as it was read, key by key', () => {
  expect(JSON.stringify(writeSchema(readSchema(wide)))).toBe(JSON.stringify(wide))
  const kinds = readSchema(wide).children.map(({ kind }) => kind)
  expect(kinds).toEqual([
    'string', 'integer', 'array', 'map', 'union', 'fragment', 'any', 'raw', 'raw',
  ]) // prettier-ignore
})

test("the project's own events are written as they were read, and shown without raw JSON", () => {
  const files = globSync('../../../../assets/events/*/*/v*.json')
  const schemas = files
    .filter((file) => !file.endsWith('versions.json'))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Json)
  expect(schemas.length).toBeGreaterThan(3)
  for (const schema of schemas) {
    const root = readSchema(schema)
    expect(JSON.stringify(writeSchema(root))).toBe(JSON.stringify(schema))
    expect(JSON.stringify(root)).not.toContain('"kind":"raw"')
  }
})

test('what the tree cannot show stays whole', () => {
  const patterned = { type: 'object', patternProperties: { '^a': {} } }
  const root = readSchema(patterned)
  expect(root.kind).toBe('raw')
  expect(writeSchema(root)).toEqual(patterned)
  expect(readSchema({ type: 'object', required: ['gone'], properties: {} }).kind).toBe('raw')
  expect(readSchema({ type: ['string'] }).kind).toBe('raw')
})

test('what is done to personal data follows its parameter, and other columns keep theirs', () => {
  const schema = {
    type: 'object',
    properties: { to: { type: 'object', properties: { email: { type: 'string' } } } },
  }
  const pii = { to__email: 'hash', user_id: 'mask' }
  const root = readSchema(schema, pii)
  const others = othersOf(root, pii)
  expect(piiOf(root, others)).toEqual(pii)
  const [to] = root.children
  if (!to) throw new Error('no parameter')
  const renamed = { ...root, children: [{ ...to, name: 'receiver' }] }
  expect(piiOf(renamed, others)).toEqual({ user_id: 'mask', receiver__email: 'hash' })
})
