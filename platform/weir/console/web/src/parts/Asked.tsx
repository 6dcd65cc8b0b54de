/** An answer of the API on its way: loading, failed, or there. */
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Failure } from './Failure'
import { Loading } from './Loading'

interface AskedProps<Answer> {
  query: UseQueryResult<Answer>
  lines?: number
  children: (answer: Answer) => ReactNode
}

/** What was shown before stays while it is asked again, and also when asking again fails. */
export function Asked<Answer>({ query, lines, children }: AskedProps<Answer>) {
  if (query.data !== undefined) return children(query.data)
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />
  return <Loading lines={lines} />
}
