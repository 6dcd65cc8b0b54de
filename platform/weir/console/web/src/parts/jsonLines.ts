/** A JSON value as lines, with the wrong places marked as `weir quarantine show` marks them. No drawing here. */

export interface JsonLine {
  indent: number
  text: string
  /** Numbers of what is wrong here, from 1. */
  marks: number[]
  /** The line stands for a key that should be there and is not. */
  absent?: boolean
}

/** Pointer → the numbers of what is wrong there. */
export type Marks = ReadonlyMap<string, number[]>

export function marksOf(violations: readonly { pointer: string }[]): Marks {
  const found = new Map<string, number[]>()
  violations.forEach(({ pointer }, index) => {
    found.set(pointer, [...(found.get(pointer) ?? []), index + 1])
  })
  return found
}

export function jsonLines(value: unknown, marks: Marks): JsonLine[] {
  return lines(value, marks, { pointer: '', indent: 0, head: '', tail: '' })
}

interface Place {
  pointer: string
  indent: number
  head: string
  tail: string
}

function lines(value: unknown, marks: Marks, { pointer, indent, head, tail }: Place): JsonLine[] {
  const mine = marks.get(pointer) ?? []
  const isList = Array.isArray(value)
  const entries = Object.entries((typeof value === 'object' && value) || {})
  if (entries.length === 0) {
    const own = { indent, text: `${head}${JSON.stringify(value)}${tail}`, marks: mine }
    return [own, ...absent(value, marks, pointer, indent + 1)]
  }
  return [
    { indent, text: `${head}${isList ? '[' : '{'}`, marks: mine },
    ...entries.flatMap(([key, inner], index) =>
      lines(inner, marks, {
        pointer: `${pointer}/${escaped(key)}`,
        indent: indent + 1,
        head: isList ? '' : `${JSON.stringify(key)}: `,
        tail: index < entries.length - 1 ? ',' : '',
      }),
    ),
    ...absent(value, marks, pointer, indent + 1),
    { indent, text: `${isList ? ']' : '}'}${tail}`, marks: [] },
  ]
}

/** Wrong places whose key is not in this object. */
function absent(value: unknown, marks: Marks, pointer: string, indent: number): JsonLine[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return [...marks].flatMap(([place, numbers]) => {
    const cut = place.lastIndexOf('/')
    if (cut < 0 || place.slice(0, cut) !== pointer) return []
    const key = place
      .slice(cut + 1)
      .replaceAll('~1', '/')
      .replaceAll('~0', '~')
    return Object.hasOwn(value, key)
      ? []
      : [{ indent, text: JSON.stringify(key), marks: numbers, absent: true }]
  })
}

export function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
