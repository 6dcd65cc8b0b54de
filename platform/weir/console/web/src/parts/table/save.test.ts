import { expect, test } from 'vitest'
import type { Column, Value } from './columns'
import { asCsv, asJson } from './save'

const COLUMNS: Column<{ text: Value }>[] = [
  { key: 'text', header: 'Text', value: ({ text }) => text },
]

test.each<[Value, string]>([
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "no"', '"say ""no"""'],
  ['two\nlines', '"two\nlines"'],
  [-5, '-5'],
  [null, ''],
  ['=1+1', "'=1+1"],
  ['@SUM(A1)', "'@SUM(A1)"],
])('%j is written as %j', (text, written) => {
  expect(asCsv([{ text }], COLUMNS)).toBe(`text\r\n${written}\r\n`)
})

test('JSON keeps the values as they are', () => {
  expect(JSON.parse(asJson([{ text: '=1' }, { text: null }], COLUMNS))).toEqual([
    { text: '=1' },
    { text: null },
  ])
})
