/** Partitions laid out as a calendar: hours of a day, days of a month, periods of a year in a row. */
import type { Partition } from '../../api/types'

export interface CalendarRow {
  label: string
  cells: Cell[]
}

export interface Cell {
  partition: Partition
  /** Its place in the row, from 0: a partition that is not there leaves its place empty. */
  offset: number
}

/**
 * An hour belongs to its day, a day to its month, anything else to its year. The key of a week or
 * a month is its first day.
 */
function place(key: string, grain: string): { row: string; offset: number } {
  const [, date = key, hour] = /^(\d{4}-\d{2}-\d{2})(?:[-T](\d{2}))?/.exec(key) ?? []
  if (hour !== undefined) return { row: date, offset: Number(hour) }
  const [year = key, period = '1', day] = date.split('-')
  if (grain.startsWith('week') && day !== undefined) {
    const days = (Date.parse(date) - Date.parse(`${year}-01-01`)) / 86_400_000
    return { row: year, offset: Math.floor(days / 7) }
  }
  if (day !== undefined && grain === 'day')
    return { row: `${year}-${period}`, offset: Number(day) - 1 }
  return { row: year, offset: Number(period.replace(/\D/g, '')) - 1 }
}

/** Rows, newest first; within a row the oldest first. */
export function calendar(partitions: Partition[], grain: string): CalendarRow[] {
  const sorted = partitions.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const rows = Map.groupBy(sorted, ({ key }) => place(key, grain).row)
  return [...rows]
    .map(([label, all]) => ({
      label,
      cells: all.map((partition) => ({ partition, offset: place(partition.key, grain).offset })),
    }))
    .toReversed()
}
