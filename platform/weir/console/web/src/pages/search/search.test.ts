import { expect, test } from 'vitest'
import { bins } from './bins'
import { withTerm } from './Facets'
import { fromField, toField } from './wanted'

const bar = (start: string) => ({ start, matched: 1, estimate: 10, low: 1, high: 30 })

test('an hour in which nothing came is a bar of its own', () => {
  const filled = bins([bar('2026-11-20T01:00:00Z'), bar('2026-11-20T04:00:00Z')], 3600)
  expect(filled.map(({ start, estimate }) => [start.slice(11, 13), estimate])).toEqual([
    ['01', 10],
    ['02', 0],
    ['03', 0],
    ['04', 10],
  ])
})

test('a value narrows the query, once, and keeps its meaning', () => {
  expect(withTerm('*', 'platform', 'ios')).toBe('platform:"ios"')
  expect(withTerm('a OR b', 'platform', 'ios')).toBe('(a OR b) platform:"ios"')
  expect(withTerm('platform:"ios"', 'platform', 'ios')).toBe('platform:"ios"')
})

test('a time is written in the zone of who reads it, and kept in UTC', () => {
  expect(fromField(toField('2026-11-20T01:00:00Z'))).toBe('2026-11-20T01:00:00Z')
  expect(toField('nonsense')).toBe('')
})
