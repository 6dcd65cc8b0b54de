/** Bars of equal width without holes: what nothing was counted in is 0. */
import type { Bar } from '../../api/search'

const MOST = 400

export function bins(bars: Bar[], seconds: number): Bar[] {
  const [first, last] = [bars[0], bars.at(-1)]
  if (!first || !last) return []
  const step = seconds * 1000
  const begin = new Date(first.start).getTime()
  const many = Math.round((new Date(last.start).getTime() - begin) / step) + 1
  if (many > MOST) return bars
  const known = new Map(bars.map((bar) => [new Date(bar.start).getTime(), bar]))
  return Array.from({ length: many }, (_, place) => {
    const at = begin + place * step
    const start = new Date(at).toISOString().replace('.000Z', 'Z')
    return known.get(at) ?? { start, matched: 0, estimate: 0, low: 0, high: 0 }
  })
}
