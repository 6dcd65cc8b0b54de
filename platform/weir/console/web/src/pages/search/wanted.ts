/** What is searched, as the address says it; times are UTC there. */
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import type { Wanted } from '../../api/search'
import type { Search } from '../../parts/address'

const EVERYTHING = '*'

export function useSearchWanted(): Wanted {
  const search: Search = useSearch({ strict: false })
  const { q, event, from, to } = search
  return useMemo(() => {
    const words = [event ? `event_name:"${event}"` : '', q ?? ''].filter(Boolean).join(' ')
    return { q: words || EVERYTHING, ...(from && { from }), ...(to && { to }) }
  }, [q, event, from, to])
}

/** Changes some of what is searched; what is empty leaves the address. */
export function useChange(): (change: Record<string, string | undefined>) => void {
  const navigate = useNavigate()
  return useCallback(
    (change) => {
      void navigate({
        to: '.',
        search: (now: Search) => ({
          ...now,
          ...Object.fromEntries(Object.entries(change).map(([key, to]) => [key, to ?? undefined])),
        }),
        resetScroll: false,
      })
    },
    [navigate],
  )
}

/** A UTC instant as the field of a date and time wants it, in the viewer's zone. */
export function toField(instant: string | undefined): string {
  if (!instant) return ''
  const at = new Date(instant)
  if (Number.isNaN(at.getTime())) return ''
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}

export function fromField(text: string): string | undefined {
  return text ? new Date(text).toISOString().replace('.000Z', 'Z') : undefined
}
