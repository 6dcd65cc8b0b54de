/** What is looked at, as the address says it. */
import { useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { Wanted } from '../../api/activation'
import type { Search } from '../../parts/address'

const NAMES = ['dim', 'value', 'from', 'to', 'at', 'compare'] as const

export function useWanted(): Wanted {
  const search: Search = useSearch({ strict: false })
  const text = JSON.stringify(NAMES.map((name) => search[name] ?? ''))
  return useMemo(() => {
    const values = JSON.parse(text) as string[]
    const given = NAMES.map((name, index) => [name, values[index]] as const)
    return Object.fromEntries(given.filter(([, value]) => value))
  }, [text])
}
