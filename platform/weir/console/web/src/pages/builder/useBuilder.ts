/** The state of one edit: the event with its past, what is at hand, what is open. */
import { useReducer } from 'react'
import type { Doc } from './document'
import { begin, edit, redo, undo, type History } from './tree/history'
import { find, type Edit } from './tree/tree'

export interface State {
  history: History<Doc>
  /** The node at hand. */
  at: string
  /** The node whose name is typed. */
  naming: string
  closed: ReadonlySet<string>
  /** Grows when the keyboard is to go to the node at hand. */
  focus: number
}

export type Action =
  | { do: 'change'; doc: (doc: Doc) => Doc; of?: string }
  | { do: 'tree'; edit: Edit | null; naming?: boolean; of?: string }
  | { do: 'at'; id: string; focus?: boolean }
  | { do: 'naming'; id: string }
  | { do: 'fold'; id: string; open: boolean }
  | { do: 'undo' }
  | { do: 'redo' }
  | { do: 'named' }

export function start(doc: Doc): State {
  const [first] = doc.root.children
  return {
    history: begin(doc),
    at: first?.id ?? doc.root.id,
    naming: '',
    closed: new Set(),
    focus: 0,
  }
}

type Steps = {
  [Key in Action['do']]: (state: State, action: Extract<Action, { do: Key }>) => State
}

const STEPS: Steps = {
  change: (state, { doc, of }) => changed(state, doc(state.history.now), of),
  tree: (state, { edit, naming, of }) => (edit ? grown(state, edit, naming, of) : state),
  at: (state, { id, focus }) => shown(state, id, focus),
  naming: (state, { id }) => ({ ...state, naming: id, focus: state.focus + (id ? 0 : 1) }),
  named: (state) => ({ ...state, naming: '' }),
  fold: (state, { id, open }) => ({ ...state, closed: folded(state.closed, id, open) }),
  undo: (state) => restored(state, undo(state.history)),
  redo: (state) => restored(state, redo(state.history)),
}

export function reduce(state: State, action: Action): State {
  const step = STEPS[action.do] as (state: State, action: Action) => State
  return step(state, action)
}

/** What is gone to is seen: nothing above it stays closed. */
function shown(state: State, id: string, focus = false): State {
  const { root } = state.history.now
  const above = (other: string) => other !== id && find(find(root, other)?.node ?? root, id)
  const closed = new Set([...state.closed].filter((other) => !above(other)))
  return { ...state, at: id, closed, naming: '', focus: state.focus + (focus ? 1 : 0) }
}

function changed(state: State, doc: Doc, of = ''): State {
  return { ...state, history: edit(state.history, doc, of) }
}

function grown(state: State, { root, at }: Edit, naming = false, of = ''): State {
  const place = find(root, at)
  const named = naming && place?.parent?.kind === 'object'
  const closed = place?.parent ? folded(state.closed, place.parent.id, true) : state.closed
  return {
    ...changed(state, { ...state.history.now, root }, of),
    at,
    closed,
    naming: named ? at : '',
    focus: state.focus + (named ? 0 : 1),
  }
}

function restored(state: State, history: History<Doc>): State {
  const { root } = history.now
  const at = find(root, state.at) ? state.at : (root.children[0]?.id ?? root.id)
  return { ...state, history, at, naming: '', focus: state.focus + 1 }
}

function folded(closed: ReadonlySet<string>, id: string, open: boolean): ReadonlySet<string> {
  if (open !== closed.has(id)) return closed
  return open ? new Set([...closed].filter((other) => other !== id)) : new Set([...closed, id])
}

export function useBuilder(doc: Doc) {
  return useReducer(reduce, doc, start)
}
