/** What a table shows, and how its rows are ordered and filtered. No drawing here. */
import type { ReactNode } from 'react'

export type Value = string | number | boolean | null

export interface Column<Row> {
  key: string
  header: string
  /** What is sorted by and exported. */
  value: (row: Row) => Value
  /** What is drawn, when it is more than the value. */
  cell?: (row: Row) => ReactNode
  numeric?: boolean
  /** A word or a date: never broken into two lines. */
  short?: boolean
  /** Left out on a narrow screen. */
  minor?: boolean
}

export interface Order {
  key: string
  descending: boolean
}

/** `-rows` in an address is "by rows, the most first". */
export function readOrder(text: string): Order | null {
  if (!text) return null
  return text.startsWith('-')
    ? { key: text.slice(1), descending: true }
    : { key: text, descending: false }
}

export function writeOrder(order: Order | null): string {
  return order ? `${order.descending ? '-' : ''}${order.key}` : ''
}

/** Numbers start with the largest, words with the first; then the other way; then as they came. */
export function nextOrder(now: Order | null, key: string, numeric: boolean): Order | null {
  if (now?.key !== key) return { key, descending: numeric }
  return now.descending === numeric ? { key, descending: !numeric } : null
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

function compare(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return collator.compare(a, b)
  return Number(a) - Number(b)
}

/** Rows in the order asked for; what has no value comes last in either direction. */
export function ordered<Row>(rows: Row[], columns: Column<Row>[], order: Order | null): Row[] {
  const column = columns.find(({ key }) => key === order?.key)
  if (!order || !column) return rows
  const sign = order.descending ? -1 : 1
  const absent = (value: Value) => value === null || value === ''
  return rows.toSorted((one, other) => {
    const a = column.value(one)
    const b = column.value(other)
    if (absent(a) || absent(b)) return Number(absent(a)) - Number(absent(b))
    return sign * compare(a, b)
  })
}

/** Rows whose text has every word of the filter. */
export function filtered<Row>(rows: Row[], text: (row: Row) => string, filter: string): Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return rows
  return rows.filter((row) => {
    const whole = text(row).toLowerCase()
    return words.every((word) => whole.includes(word))
  })
}
