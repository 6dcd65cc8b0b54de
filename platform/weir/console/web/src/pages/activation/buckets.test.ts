import { expect, test } from 'vitest'
import { grouped } from './buckets'

test('lengths are gathered in few bars, and none is lost', () => {
  const rows = [1, 4, 5, 8, 9, 300].map((periods) => ({ periods, users: 10 }))
  const bars = grouped(rows, 'week')
  expect(bars.map(({ label }) => label)).toEqual([
    '1', '2', '3', '4', '5–8', '9–13', '14–26', '27–52', '53–104', '105+',
  ]) // prettier-ignore
  expect(bars.reduce((sum, { users }) => sum + users, 0)).toBe(60)
  expect(bars[4]?.users).toBe(20)
})

test('at least five bars are shown', () => {
  expect(grouped([{ periods: 1, users: 3 }], 'day')).toHaveLength(5)
})
