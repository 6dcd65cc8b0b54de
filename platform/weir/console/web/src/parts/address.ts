/**
 * What a page keeps in its address besides its path: the filter, the order, the open tab. Values
 * are plain text, so that an address can be read and typed.
 */
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useRef, useState } from 'react'

export type Search = Partial<Record<string, string>>

type Plain = string | number | boolean | undefined

export function readSearch(search: Record<string, Plain>): Search {
  return Object.fromEntries(
    Object.entries(search).flatMap(([key, value]) =>
      value === '' || value === undefined ? [] : [[key, String(value)]],
    ),
  )
}

/** One value of the address. Setting the value that it has without being named removes the name. */
export function useAddress(key: string, fallback = ''): [string, (value: string) => void] {
  const search: Search = useSearch({ strict: false })
  const navigate = useNavigate()
  const set = useCallback(
    (value: string) => {
      void navigate({
        to: '.',
        search: (now: Search) => ({ ...now, [key]: value === fallback ? undefined : value }),
        replace: true,
        resetScroll: false,
      })
    },
    [navigate, key, fallback],
  )
  return [search[key] ?? fallback, set]
}

const PAUSE_MS = 150

/** As `useAddress`, for a field that is typed into: the address follows when the typing pauses. */
export function useTyped(key: string): [string, (value: string) => void] {
  const [kept, keep] = useAddress(key)
  const [typed, setTyped] = useState(kept)
  const told = useRef(kept)

  useEffect(() => {
    if (kept === told.current) return
    told.current = kept
    setTyped(kept)
  }, [kept])

  useEffect(() => {
    if (typed === told.current) return
    const timer = setTimeout(() => {
      told.current = typed
      keep(typed)
    }, PAUSE_MS)
    return () => clearTimeout(timer)
  }, [typed, keep])

  return [typed, setTyped]
}
