/** The filters of the quarantine, as they stand in the address. */
import { useSearch } from '@tanstack/react-router'
import { CHOICES, type Chosen } from '../../api/quarantine'
import type { Search } from '../../parts/address'

/** What stands for events without a name, and apps without a version. */
export const NONE = '-'

export function useChosen(): Chosen {
  const search: Search = useSearch({ strict: false })
  return Object.fromEntries(CHOICES.flatMap((key) => (search[key] ? [[key, search[key]]] : [])))
}
