/** What the playground keeps in this browser: the text that is written, and what was run. */

const TEXT = 'weir-playground'
const HISTORY = 'weir-playground-history'
const MOST = 50

export interface Past {
  sql: string
  at: string
}

export function keptText(person: string): string {
  return localStorage.getItem(`${TEXT}:${person}`) ?? ''
}

export function keepText(person: string, sql: string): void {
  localStorage.setItem(`${TEXT}:${person}`, sql)
}

export function past(person: string): Past[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(`${HISTORY}:${person}`) ?? '[]')
    return Array.isArray(found) ? (found as Past[]) : []
  } catch {
    return []
  }
}

/** Puts a query at the head of what was run; one that is there already moves there. */
export function remember(person: string, sql: string, at: Date): Past[] {
  const rest = past(person).filter((one) => one.sql !== sql)
  const all = [{ sql, at: at.toISOString() }, ...rest].slice(0, MOST)
  localStorage.setItem(`${HISTORY}:${person}`, JSON.stringify(all))
  return all
}

export function forget(person: string): void {
  localStorage.removeItem(`${HISTORY}:${person}`)
}
