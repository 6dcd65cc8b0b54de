/** What somebody may do, as far as a page shows it. Whether they do is the server's decision. */
import { useQuery } from '@tanstack/react-query'
import { session } from '../api/queries'
import type { Role } from '../api/types'

const ORDER: Role[] = ['viewer', 'editor', 'operator', 'admin']

export function isAllowed(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && ORDER.indexOf(role) >= ORDER.indexOf(needed)
}

/** Whether the person who is signed in has a role, or one above it. */
export function useMay(needed: Role): boolean {
  const { data } = useQuery(session)
  return isAllowed(data?.person?.role, needed)
}
