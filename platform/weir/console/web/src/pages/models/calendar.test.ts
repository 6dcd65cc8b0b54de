import { expect, test } from 'vitest'
import type { Partition } from '../../api/types'
import { calendar } from './calendar'

const partitions = (...keys: string[]): Partition[] =>
  keys.map((key) => ({ key, state: 'current', rows: 1, at: null }))

const shape = (grain: string, ...keys: string[]) =>
  calendar(partitions(...keys), grain).map(({ label, cells }) => [
    label,
    ...cells.map(({ offset }) => offset),
  ])

test('hours stand in the row of their day, newest day first', () => {
  expect(shape('hour', '2026-11-20-22:00', '2026-11-21-00:00', '2026-11-20-23:00')).toEqual([
    ['2026-11-21', 0],
    ['2026-11-20', 22, 23],
  ])
})

test('a day that is not there leaves its place empty', () => {
  expect(shape('day', '2026-11-02', '2026-11-05')).toEqual([['2026-11', 1, 4]])
})

test('months and weeks stand in the row of their year', () => {
  expect(shape('month', '2026-01-01', '2026-12-01', '2025-12-01')).toEqual([
    ['2026', 0, 11],
    ['2025', 11],
  ])
  expect(shape('week', '2026-11-16', '2026-11-23')).toEqual([['2026', 45, 46]])
})
