import { expect, test } from 'vitest'
import type { Partition } from '../../api/types'
import { calendar } from './calendar'

const partitions = (...keys: string[]): Partition[] =>
  keys.map((key) => ({ key, state: 'current', rows: 1, at: null }))

const shape = (...keys: string[]) =>
  calendar(partitions(...keys)).map(({ label, cells }) => [
    label,
    ...cells.map(({ offset }) => offset),
  ])

test('hours stand in the row of their day, newest day first', () => {
  expect(shape('2026-11-20T22', '2026-11-21T00', '2026-11-20T23')).toEqual([
    ['2026-11-21', 0],
    ['2026-11-20', 22, 23],
  ])
})

test('a day that is not there leaves its place empty', () => {
  expect(shape('2026-11-02', '2026-11-05')).toEqual([['2026-11', 1, 4]])
})

test('months and weeks stand in the row of their year', () => {
  expect(shape('2026-01', '2026-12', '2025-12')).toEqual([
    ['2026', 0, 11],
    ['2025', 11],
  ])
  expect(shape('2026-W47')).toEqual([['2026', 46]])
})
