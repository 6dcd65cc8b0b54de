import { expect, test } from 'vitest'
import { offsetOf, placeOf } from './places'

const TEXT = '{\n  "name": "x",\n  "params": {"items": [1, {"a/b": -2}]}\n}'

const at = (pointer: string) => {
  const { from, to } = placeOf(TEXT, pointer)
  return TEXT.slice(from, to)
}

test('a pointer leads to the value, through arrays and escaped keys', () => {
  expect(at('/name')).toBe('"x"')
  expect(at('/params/items/0')).toBe('1')
  expect(at('/params/items/1/a~1b')).toBe('-2')
})

test('what is not there is shown at the object that should have it', () => {
  expect(placeOf(TEXT, '/params/quantity')).toEqual({
    from: TEXT.indexOf('{"items'),
    to: TEXT.indexOf('{"items') + 1,
  })
  expect(at('')).toBe('{')
  expect(placeOf('', '/x')).toEqual({ from: 0, to: 0 })
})

test('a line and a column are a place in the text', () => {
  expect(offsetOf('ab\ncd', 2, 2)).toBe(4)
  expect(offsetOf('ab', 9, 9)).toBe(2)
})
