import { expect, test } from 'vitest'
import { filtered, nextOrder, ordered, readOrder, writeOrder, type Column } from './columns'

interface Row {
  name: string
  rows: number | null
}

const ROWS: Row[] = [
  { name: 'b10', rows: 5 },
  { name: 'B2', rows: null },
  { name: 'a', rows: 40 },
]

const COLUMNS: Column<Row>[] = [
  { key: 'name', header: 'Name', value: ({ name }) => name },
  { key: 'rows', header: 'Rows', value: ({ rows }) => rows, numeric: true },
]

const names = (rows: Row[]) => rows.map(({ name }) => name)

test('words are ordered without case and by the number in them', () => {
  const order = { key: 'name', descending: false }
  expect(names(ordered(ROWS, COLUMNS, order))).toEqual(['a', 'B2', 'b10'])
})

test.each([true, false])('what has no value comes last (descending: %s)', (descending) => {
  expect(names(ordered(ROWS, COLUMNS, { key: 'rows', descending })).at(-1)).toBe('B2')
})

test('an order by a column that is not there leaves the rows as they came', () => {
  expect(ordered(ROWS, COLUMNS, readOrder('-nothing'))).toBe(ROWS)
})

test('a number is ordered from the largest, then the smallest, then as it came', () => {
  const first = nextOrder(null, 'rows', true)
  const second = nextOrder(first, 'rows', true)
  expect(first).toEqual({ key: 'rows', descending: true })
  expect(second).toEqual({ key: 'rows', descending: false })
  expect(nextOrder(second, 'rows', true)).toBeNull()
})

test.each(['', 'rows', '-rows'])('the order %j survives the address', (text) => {
  expect(writeOrder(readOrder(text))).toBe(text)
})

test('a row stays when it has every word of the filter', () => {
  const text = ({ name, rows }: Row) => `${name} ${rows}`
  expect(names(filtered(ROWS, text, '  b  10 '))).toEqual(['b10'])
  expect(filtered(ROWS, text, ' ')).toBe(ROWS)
})
