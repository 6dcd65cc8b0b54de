/** Where in a JSON text a pointer leads. No drawing here. */
import { jsonLanguage } from '@codemirror/lang-json'

export interface Range {
  from: number
  to: number
}

type Node = NonNullable<ReturnType<typeof jsonLanguage.parser.parse>['topNode']['firstChild']>

/**
 * The value that a pointer leads to; of a key that is not there, the object that should have it:
 * its opening brace.
 */
export function placeOf(text: string, pointer: string): Range {
  let value = jsonLanguage.parser.parse(text).topNode.firstChild
  const keys = pointer.split('/').slice(1)
  for (const key of keys) {
    const next: Node | null = value && child(value, text, unescaped(key))
    if (!next) return value ? opening(value, text) : whole(text)
    value = next
  }
  return keys.length > 0 && value ? { from: value.from, to: value.to } : whole(text)
}

function opening({ from }: Node, text: string): Range {
  return { from, to: Math.min(from + 1, text.length) }
}

function whole(text: string): Range {
  const from = text.length - text.trimStart().length
  return { from, to: Math.min(from + 1, text.length) }
}

function child(node: Node, text: string, key: string): Node | null {
  if (node.name === 'Array') return elements(node)[Number(key)] ?? null
  if (node.name !== 'Object') return null
  for (const property of node.getChildren('Property')) {
    const name = property.getChild('PropertyName')
    if (name && read(text.slice(name.from, name.to)) === key) return property.lastChild
  }
  return null
}

function elements(node: Node): Node[] {
  const found: Node[] = []
  for (let inner = node.firstChild; inner; inner = inner.nextSibling) {
    if (!PUNCTUATION.has(inner.name)) found.push(inner)
  }
  return found
}

const PUNCTUATION = new Set(['[', ']', ',', '⚠'])

function read(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

function unescaped(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** The character at a line and a column, both from 1. */
export function offsetOf(text: string, line: number, column: number): number {
  const before = text.split('\n').slice(0, line - 1)
  const start = before.reduce((sum, one) => sum + one.length + 1, 0)
  return Math.min(start + Math.max(column - 1, 0), text.length)
}
