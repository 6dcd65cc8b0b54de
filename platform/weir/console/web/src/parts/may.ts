/** What the person who is signed in may do; the server decides, a page only leaves out. */
import { useQuery } from '@tanstack/react-query'
import { session } from '../api/queries'
import type { Role } from '../api/types'

const ROLES: readonly Role[] = ['viewer', 'editor', 'operator', 'admin']

export function useMay(needed: Role): boolean {
  const { data } = useQuery(session)
  const role = data?.person?.role
  return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(needed)
}
