/** What is to say: what is seen here at once, and what the server judged; each with the node it is of. */
import type { BuilderTexts } from './texts'
import type { Judged, ServerNote } from './api'
import type { Fault } from './tree/checks'
import type { Node } from './tree/model'
import { locate } from './tree/pointers'

export interface Note {
  key: string
  severity: 'error' | 'warning' | 'hint'
  /** The node; empty for the event itself. */
  node: string
  part: string
  place: string
  text: string
  remedy: string
  suggestion: string | null
}

export function ownNote(fault: Fault, texts: BuilderTexts): Note {
  return {
    key: `${fault.rule} ${fault.node}`,
    severity: 'error',
    node: fault.node,
    part: fault.node ? 'parameters' : 'name',
    place: '',
    text: texts.faults[fault.rule](fault.name),
    remedy: texts.mend[fault.rule],
    suggestion: null,
  }
}

export function serverNote(note: ServerNote, root: Node): Note {
  const { part, pointer, rule, text, remedy } = note
  const inside = part === 'parameters'
  const { node, rest } = locate(root, inside ? pointer : '')
  // A suggestion is taken with a click where it is a name.
  const names = part === 'name' || (inside && node.name !== '' && rest.length === 0)
  return {
    key: `${part} ${pointer} ${rule} ${text}`,
    severity: isSeverity(note.severity) ? note.severity : 'warning',
    node: inside ? node.id : '',
    part,
    place: inside ? rest.join('/') : pointer,
    text,
    remedy,
    suggestion: names ? note.suggestion : null,
  }
}

function isSeverity(word: string): word is Note['severity'] {
  return word in ORDER
}

/** Until the server has judged what is there now, what is seen here stands before its last words. */
export function notesOf(
  own: Fault[],
  judged: Judged | undefined,
  current: boolean,
  root: Node,
  texts: BuilderTexts,
): Note[] {
  const server = (judged?.notes ?? []).map((note) => serverNote(note, root))
  if (current && judged) return server
  const mine = own.map((fault) => ownNote(fault, texts))
  const told = new Set(mine.map(({ node }) => node))
  return [
    ...mine,
    ...server.filter(({ node, severity }) => severity !== 'error' || !told.has(node)),
  ]
}

const ORDER = { error: 0, warning: 1, hint: 2 } as const

/** The worst that is said of each node. */
export function worst(notes: Note[]): Map<string, Note['severity']> {
  const found = new Map<string, Note['severity']>()
  for (const { node, severity } of notes) {
    const before = found.get(node)
    if (node && (!before || ORDER[severity] < ORDER[before])) found.set(node, severity)
  }
  return found
}
