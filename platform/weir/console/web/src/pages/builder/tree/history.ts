/** Undo and redo. Edits of one field that follow each other closely are one step. */

export interface History<State> {
  past: State[]
  now: State
  future: State[]
  /** What the last edit was of, and when, so that typing is one step. */
  last: { of: string; at: number } | null
}

const TOGETHER_MS = 1200
const MOST = 200

export function begin<State>(now: State): History<State> {
  return { past: [], now, future: [], last: null }
}

export function edit<State>(
  history: History<State>,
  now: State,
  of = '',
  at = Date.now(),
): History<State> {
  if (now === history.now) return history
  const { last } = history
  const same = of !== '' && last?.of === of && at - last.at < TOGETHER_MS
  const past = same ? history.past : [...history.past, history.now].slice(-MOST)
  return { past, now, future: [], last: { of, at } }
}

export function undo<State>(history: History<State>): History<State> {
  const now = history.past.at(-1)
  if (now === undefined) return history
  return {
    past: history.past.slice(0, -1),
    now,
    future: [history.now, ...history.future],
    last: null,
  }
}

export function redo<State>(history: History<State>): History<State> {
  const [now, ...future] = history.future
  if (now === undefined) return history
  return { past: [...history.past, history.now], now, future, last: null }
}
