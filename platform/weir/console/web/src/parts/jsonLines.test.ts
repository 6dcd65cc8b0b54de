import { expect, test } from 'vitest'
import { jsonLines, marksOf } from './jsonLines'

const drawn = (value: unknown, ...pointers: string[]) =>
  jsonLines(value, marksOf(pointers.map((pointer) => ({ pointer })))).map(
    ({ indent, text, marks, absent }) =>
      `${'  '.repeat(indent)}${text}${marks.length ? ` <- ${marks.join(',')}` : ''}${absent ? ' absent' : ''}`,
  )

test('a wrong value is marked where it stands, in arrays too', () => {
  expect(drawn({ params: { items: [{ price: -1 }] } }, '/params/items/0/price')).toEqual([
    '{',
    '  "params": {',
    '    "items": [',
    '      {',
    '        "price": -1 <- 1',
    '      }',
    '    ]',
    '  }',
    '}',
  ])
})

test('a key that is missing has a line of its own, also in an empty object', () => {
  expect(drawn({ params: {} }, '/params/quantity', '/time')).toEqual([
    '{',
    '  "params": {}',
    '    "quantity" <- 1 absent',
    '  "time" <- 2 absent',
    '}',
  ])
})

test('keys with slashes are found, and one place may be wrong twice', () => {
  expect(drawn({ 'a/b~': 1 }, '/a~1b~0', '/a~1b~0')).toEqual(['{', '  "a/b~": 1 <- 1,2', '}'])
  expect(drawn('text', '')).toEqual(['"text" <- 1'])
})
