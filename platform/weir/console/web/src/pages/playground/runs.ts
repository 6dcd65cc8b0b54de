/** One query at a time: runs it, explains it, stops it, remembers it. */
import { useCallback, useMemo, useRef, useState } from 'react'
import { run as ask, type Ran } from '../../api/playground'
import { forget as forgetAll, past as read, remember, type Past } from './kept'

export interface Runs {
  ran?: Ran
  plan?: Ran
  error?: Error
  running: boolean
  stopped: boolean
  past: Past[]
  run: (sql: string, limit: number) => void
  explain: (sql: string) => void
  cancel: () => void
  forget: () => void
}

type State = Pick<Runs, 'ran' | 'plan' | 'error' | 'running' | 'stopped'>
const IDLE: State = { running: false, stopped: false }

export function useRuns(person: string): Runs {
  const [state, setState] = useState<State>(IDLE)
  const [past, setPast] = useState(() => read(person))
  const control = useRef<AbortController>(null)

  const start = useCallback((sql: string, limit: number, explain: '' | 'plan') => {
    control.current?.abort()
    const mine = new AbortController()
    control.current = mine
    const kind = explain ? 'plan' : 'ran'
    setState((before) => ({ ...IDLE, [kind]: before[kind], running: true }))
    ask(sql, limit, explain, mine.signal).then(
      (answer) => {
        if (!mine.signal.aborted) setState({ ...IDLE, [kind]: answer })
      },
      (error: unknown) => {
        if (!mine.signal.aborted) setState({ ...IDLE, error: error as Error })
      },
    )
  }, [])

  const run = useCallback(
    (sql: string, limit: number) => {
      if (!sql.trim()) return
      setPast(remember(person, sql, new Date()))
      start(sql, limit, '')
    },
    [person, start],
  )
  const explain = useCallback((sql: string) => start(sql, 100, 'plan'), [start])
  const cancel = useCallback(() => {
    control.current?.abort()
    setState({ running: false, stopped: true })
  }, [])
  const forget = useCallback(() => {
    forgetAll(person)
    setPast([])
  }, [person])
  return useMemo(
    () => ({ ...state, past, run, explain, cancel, forget }),
    [state, past, run, explain, cancel, forget],
  )
}
