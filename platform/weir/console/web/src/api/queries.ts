/** What the console asks, with the key under which each answer is kept. */
import { MutationCache, QueryCache, QueryClient, queryOptions } from '@tanstack/react-query'
import { client, take, keepCsrf } from './client'
import { Lost, Refused } from './errors'

const SECOND = 1000
const MAX_PAUSE = 10 * SECOND

export const session = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => {
    const answer = await take(client.GET('/api/v1/session', { signal }))
    keepCsrf(answer.csrf)
    return answer
  },
  staleTime: 5 * 60 * SECOND,
})

export const home = queryOptions({
  queryKey: ['home'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/home', { signal })),
  refetchInterval: 15 * SECOND,
})

export function events(q: string, limit: number) {
  return queryOptions({
    queryKey: ['events', q, limit],
    queryFn: ({ signal }) =>
      take(client.GET('/api/v1/events', { signal, params: { query: { q, limit } } })),
  })
}

export function event(name: string) {
  return queryOptions({
    queryKey: ['event', name],
    queryFn: ({ signal }) =>
      take(client.GET('/api/v1/events/{name}', { signal, params: { path: { name } } })),
  })
}

export function differences(name: string, before: number, after: number) {
  return queryOptions({
    queryKey: ['event', name, 'differences', before, after],
    queryFn: ({ signal }) =>
      take(
        client.GET('/api/v1/events/{name}/versions/{before}/{after}', {
          signal,
          params: { path: { name, before, after } },
        }),
      ),
  })
}

/** Saved branches of events that wait for a merge. */
export const branches = queryOptions({
  queryKey: ['builder', 'branches'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/builder/branches', { signal })),
})

export const models = queryOptions({
  queryKey: ['models'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/models', { signal })),
})

export function model(stage: string, table: string) {
  return queryOptions({
    queryKey: ['model', stage, table],
    queryFn: ({ signal }) =>
      take(
        client.GET('/api/v1/models/{stage}/{table}', {
          signal,
          params: { path: { stage, table } },
        }),
      ),
  })
}

/** The cache. A lost connection is waited out; an answer that says no is shown, and not repeated. */
export function createCache(): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof Refused && error.status === 401) {
      void cache.invalidateQueries({ queryKey: session.queryKey })
    }
  }
  const cache = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        networkMode: 'always',
        staleTime: 10 * SECOND,
        retry: (_, error) => error instanceof Lost,
        retryDelay: (failures) => Math.min(SECOND * 2 ** failures, MAX_PAUSE),
      },
      mutations: { networkMode: 'always', retry: false },
    },
  })
  return cache
}
