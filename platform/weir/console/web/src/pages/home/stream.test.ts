import { expect, test } from 'vitest'
import { streamPath, widths } from './stream'

test('a quarter of the rows is half as wide', () => {
  expect(widths([400, 100])).toEqual([1, 0.5])
})

test('a stage without rows is still seen', () => {
  expect(widths([400, 0, null]).every((width) => width > 0)).toBe(true)
  expect(widths([null]).every((width) => width > 0)).toBe(true)
})

test('the path stays inside its frame and is closed', () => {
  const path = streamPath(widths([9, 4, 1]))
  const numbers = path.match(/-?[\d.]+/g)?.map(Number) ?? []
  expect(path.endsWith('Z')).toBe(true)
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...numbers)).toBeLessThanOrEqual(3)
  expect(streamPath([])).toBe('')
})
