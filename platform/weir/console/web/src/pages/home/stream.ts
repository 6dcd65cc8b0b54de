/** The shape of the stream that runs through the stages: as wide as the rows of today. */

/** The narrowest that is still seen, of a full width of 1. */
const THREAD = 0.04

/**
 * Widths between 0 and 1, one a stage. The area that the eye compares grows with the square root
 * of the rows: a fact of a thousand rows must be seen beside a log of a million.
 */
export function widths(rows: (number | null)[]): number[] {
  const peak = Math.max(...rows.map((count) => count ?? 0), 1)
  return rows.map((count) => Math.max(Math.sqrt((count ?? 0) / peak), THREAD))
}

/** A closed path around a middle line, one unit a stage wide and two high. */
export function streamPath(sizes: number[]): string {
  const first = sizes[0]
  const last = sizes.at(-1)
  if (first === undefined || last === undefined) return ''
  const n = sizes.length
  const top = sizes.map((size, index) => [index + 0.5, 1 - size] as const)
  const bottom = sizes.map((size, index) => [index + 0.5, 1 + size] as const).toReversed()
  return [
    `M0 ${fixed(1 - first)}`,
    ...curve([[0, 1 - first], ...top, [n, 1 - last]]),
    `L${n} ${fixed(1 + last)}`,
    ...curve([[n, 1 + last], ...bottom, [0, 1 + first]]),
    'Z',
  ].join(' ')
}

type Point = readonly [number, number]

/** Level at each point, and falling between: water at a weir. */
function curve(points: Point[]): string[] {
  return points.slice(1).map(([x, y], index) => {
    const [fromX, fromY] = points[index] ?? [x, y]
    const middle = fixed((fromX + x) / 2)
    return `C${middle} ${fixed(fromY)} ${middle} ${fixed(y)} ${fixed(x)} ${fixed(y)}`
  })
}

function fixed(value: number): string {
  return value.toFixed(3)
}
