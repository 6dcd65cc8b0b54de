/** The live tail: connected while the page is open, connected again when it breaks off. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useReducer } from 'react'
import { Lost, Refused } from '../../api/errors'
import { readStream, type Message } from '../../api/stream'
import type { Arrived, RefusedRequest } from '../../api/tester'
import { session } from '../../api/queries'

/** What is kept in the page. */
export const MOST = 500
const AGAIN_MS = 3000

export type Item =
  | { key: number; kind: 'event'; what: Arrived }
  | { key: number; kind: 'refused'; what: RefusedRequest; at: string }

export interface TailState {
  connection: 'connecting' | 'live' | 'lost' | 'ended'
  error: Error | null
  items: Item[]
  /** Came while it was paused, the newest first. */
  held: Item[]
  leftOut: number
  paused: boolean
  next: number
}

export type Action =
  | { do: 'heard'; message: Message }
  | { do: 'connection'; is: TailState['connection']; error?: Error }
  | { do: 'pause' | 'clear' }

export const START: TailState = {
  connection: 'connecting',
  error: null,
  items: [],
  held: [],
  leftOut: 0,
  paused: false,
  next: 0,
}

export function reduce(state: TailState, action: Action): TailState {
  switch (action.do) {
    case 'clear':
      return { ...state, items: [], held: [], leftOut: 0 }
    case 'connection':
      return { ...state, connection: action.is, error: action.error ?? null }
    case 'pause':
      return state.paused
        ? { ...state, paused: false, items: first([...state.held, ...state.items]), held: [] }
        : { ...state, paused: true }
    case 'heard':
      return hear(state, action.message)
  }
}

function hear(state: TailState, { kind, data }: Message): TailState {
  if (kind === 'hello') return { ...state, connection: 'live', error: null }
  if (kind === 'left_out') {
    return { ...state, leftOut: state.leftOut + (data as { count: number }).count }
  }
  if (kind !== 'event' && kind !== 'refused') return state
  const item = { key: state.next, kind, what: data, at: new Date().toISOString() } as Item
  const list = state.paused ? 'held' : 'items'
  return { ...state, next: state.next + 1, [list]: first([item, ...state[list]]) }
}

function first(items: Item[]): Item[] {
  return items.slice(0, MOST)
}

/** @param query what is filtered by, as the server takes it. */
export function useTail(query: string): [TailState, (action: Action) => void] {
  const [state, act] = useReducer(reduce, START)
  const cache = useQueryClient()

  const heard = useEffectEvent((message: Message) => {
    act({ do: 'heard', message })
    if (message.kind === 'collector') void cache.invalidateQueries({ queryKey: ['tester'] })
    if (message.kind === 'bye') void cache.invalidateQueries({ queryKey: session.queryKey })
  })

  useEffect(() => {
    const end = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const connect = () => {
      act({ do: 'connection', is: 'connecting' })
      readStream(`/api/v1/tail?${query}`, end.signal, heard)
        .catch((error: unknown) => {
          if (error instanceof Refused) return error
          return error instanceof Lost ? undefined : new Lost(error)
        })
        .then((error) => {
          if (end.signal.aborted) return
          if (error instanceof Refused) {
            act({ do: 'connection', is: 'ended', error })
            return
          }
          act({ do: 'connection', is: 'lost' })
          timer = setTimeout(connect, AGAIN_MS)
        })
        .catch(() => undefined)
    }
    connect()
    return () => {
      end.abort()
      clearTimeout(timer)
    }
  }, [query])

  return [state, act]
}
