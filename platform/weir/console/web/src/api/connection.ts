/** Whether the server answers: one value for the whole page, told by the client, read by the banner. */
import { useSyncExternalStore } from 'react'

let lost = false
const listeners = new Set<() => void>()

export function tellConnection(answered: boolean): void {
  if (lost !== answered) return
  lost = !answered
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useLost(): boolean {
  return useSyncExternalStore(subscribe, () => lost)
}
