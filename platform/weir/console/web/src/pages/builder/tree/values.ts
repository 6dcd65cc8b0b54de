/** Values of constraints, as people type them. */

/** The value of a text for a kind of node; nothing if it is none. */
export function valueOf(text: string, kind: string): unknown {
  const typed = text.trim()
  if (kind === 'string') return text === '' ? undefined : text
  if (typed === '') return undefined
  if (kind === 'boolean') return typed === 'true' ? true : typed === 'false' ? false : undefined
  if (kind === 'integer' || kind === 'number') {
    const number = Number(typed)
    return Number.isFinite(number) ? number : undefined
  }
  return json(typed)
}

/** The values of a list, one on each line; nothing if there is none. */
export function listOf(text: string, kind: string): unknown[] | undefined {
  const found = text
    .split('\n')
    .map((line) => (line.trim() === 'null' ? null : valueOf(line, kind)))
    .filter((value) => value !== undefined)
  return found.length > 0 ? found : undefined
}

export function textOf(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
