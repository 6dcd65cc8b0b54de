/** What was edited and not saved, kept in the browser: a closed page or a lost server costs nothing. */
import type { Json } from './model'

export interface Draft {
  envelope: Json
  parameters: Json
  terms: Term[]
  /** The files' texts that the edit began from. */
  read: Record<string, string>
  branch: string
  /** ISO 8601. */
  at: string
}

export interface Term {
  section: string
  name: string
  meaning: string
}

const PREFIX = 'weir-draft-event:'
const LONGEST = 1_000_000

/** The key of an event's draft; a new event has no name yet. */
export function draftKey(name: string | undefined, branch: string): string {
  return `${PREFIX}${name ?? ''}${branch && `@${branch}`}`
}

export function keepDraft(key: string, draft: Draft): boolean {
  const text = JSON.stringify(draft)
  if (text.length > LONGEST) return false
  try {
    localStorage.setItem(key, text)
    return true
  } catch {
    return false // the browser's storage is full or switched off
  }
}

export function draftOf(key: string): Draft | null {
  const text = localStorage.getItem(key)
  if (!text) return null
  try {
    const found: unknown = JSON.parse(text)
    return isDraft(found) ? found : null
  } catch {
    return null
  }
}

export function dropDraft(key: string): void {
  localStorage.removeItem(key)
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== 'object' || value === null) return false
  return ['envelope', 'parameters', 'terms', 'read', 'branch', 'at'].every((key) => key in value)
}
