/** Rows of a table as a file. */
import type { Column, Value } from './columns'

/** What a spreadsheet would run as a formula; a leading quote makes it text. */
const FORMULA = /^[=+\-@\t\r]/

function field(value: Value): string {
  if (value === null) return ''
  const text = typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** RFC 4180, with the columns' keys as the first line. */
export function asCsv<Row>(rows: Row[], columns: Column<Row>[]): string {
  const lines = rows.map((row) => columns.map(({ value }) => field(value(row))).join(','))
  return [columns.map(({ key }) => field(key)).join(','), ...lines, ''].join('\r\n')
}

export function asJson<Row>(rows: Row[], columns: Column<Row>[]): string {
  const records = rows.map((row) =>
    Object.fromEntries(columns.map(({ key, value }) => [key, value(row)])),
  )
  return `${JSON.stringify(records, null, 2)}\n`
}

export function download(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
