/** What the activation page asks. */
import { queryOptions } from '@tanstack/react-query'
import { client, take } from './client'
import type { paths } from './schema'
import type { Got } from './shapes'

type Asked = paths['/api/v1/activation/{fact}/{grain}']['get']
export type Look = Asked['responses'][200]['content']['application/json']
export type Grain = Asked['parameters']['path']['grain']
export type Figures = Look['periods'][number]
export type Move = Look['transitions'][number]
export type Length = Look['intervals'][number]
export type Survival = Look['curve'][number]
export type ChartName =
  paths['/api/v1/activation/{fact}/{grain}/{chart}.csv']['get']['parameters']['path']['chart']
export type Wanted = NonNullable<Asked['parameters']['query']>
export type FactEntry = Got<'/api/v1/activation'>['facts'][number]

export const facts = queryOptions({
  queryKey: ['activation'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/activation', { signal })),
})

export function look(fact: string, grain: Grain, query: Wanted) {
  return queryOptions({
    queryKey: ['activation', fact, grain, query],
    queryFn: ({ signal }) =>
      take(
        client.GET('/api/v1/activation/{fact}/{grain}', {
          signal,
          params: { path: { fact, grain }, query },
        }),
      ),
    staleTime: 30_000,
  })
}

/** Where the rows of a chart are as CSV. */
export function csvAddress(fact: string, grain: Grain, chart: string, query: Wanted): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1])
  const text = new URLSearchParams(given).toString()
  return `/api/v1/activation/${encodeURIComponent(fact)}/${grain}/${chart}.csv${text && `?${text}`}`
}
