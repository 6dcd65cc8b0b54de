/** Signing in and out. What was asked as somebody else is forgotten. */
import { useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { client, keepCsrf, take } from '../api/client'
import { session } from '../api/queries'
import type { Session } from '../api/types'

function forget(cache: QueryClient): void {
  cache.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== session.queryKey[0] })
}

export function useSignIn() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (token: string) => take(client.POST('/api/v1/session', { body: { token } })),
    onSuccess: (answer: Session) => {
      keepCsrf(answer.csrf)
      forget(cache)
      cache.setQueryData(session.queryKey, answer)
    },
  })
}

export function useSignOut() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: () => client.DELETE('/api/v1/session'),
    onSuccess: async () => {
      await cache.refetchQueries({ queryKey: session.queryKey })
      forget(cache)
    },
  })
}
