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

/** `2026-11-21T05` belongs to its day, `2026-11-21` to its month, anything else to its year. */
function place(key: string): { row: string; offset: number } {
  const [date = key, hour] = key.split('T')
  if (hour !== undefined) return { row: date, offset: Number(hour.slice(0, 2)) }
  const [year = key, period, day] = date.split('-')
  if (day !== undefined) return { row: `${year}-${period ?? ''}`, offset: Number(day) - 1 }
  return { row: year, offset: Number((period ?? '1').replace(/\D/g, '')) - 1 }
}

/** Rows, newest first; within a row the oldest first. */
export function calendar(partitions: Partition[]): CalendarRow[] {
  const sorted = partitions.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const rows = Map.groupBy(sorted, ({ key }) => place(key).row)
  return [...rows]
    .map(([label, all]) => ({
      label,
      cells: all.map((partition) => ({ partition, offset: place(partition.key).offset })),
    }))
    .toReversed()
}
