/** Histograms in few bars, as in `platform/weir/activation/buckets.py`. */

const STARTS: Partial<Record<string, number[]>> = {
  day: [1, 2, 3, 4, 5, 6, 7, 8, 15, 31, 61, 91, 181, 366],
  week: [1, 2, 3, 4, 5, 9, 14, 27, 53, 105],
  month: [1, 2, 3, 4, 7, 13, 25],
}
const FEWEST = 5

export interface Bar {
  label: string
  users: number
}

/** Users by length, single ones first, then up to a month, a quarter, a year. */
export function grouped(rows: { periods: number; users: number }[], word: string): Bar[] {
  const starts = STARTS[word] ?? STARTS.day ?? []
  const bars = starts.map((start, index) => {
    const end = (starts[index + 1] ?? Infinity) - 1
    const inside = rows.filter(({ periods }) => periods >= start && periods <= end)
    return {
      label: named(start, end),
      users: inside.reduce((sum, { users }) => sum + users, 0),
    }
  })
  const last = bars.findLastIndex(({ users }) => users > 0)
  return bars.slice(0, Math.max(last + 1, FEWEST))
}

function named(start: number, end: number): string {
  if (end === Infinity) return `${start}+`
  return start === end ? String(start) : `${start}–${end}`
}
