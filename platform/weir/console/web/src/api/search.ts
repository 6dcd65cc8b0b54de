/** What the search page asks. */
import { queryOptions } from '@tanstack/react-query'
import { client, take } from './client'
import { Refused, type Refusal } from './errors'
import { readStream } from './stream'
import type { Got } from './shapes'

export type Found = Got<'/api/v1/search'>
export type Hit = Found['hits'][number]
export type Bar = Found['bars'][number]
export type Count = Found['count']

export interface Wanted {
  q: string
  from?: string
  to?: string
}

export interface Progress {
  read: number
  of: number
}

const MOST = 200

export function search(wanted: Wanted) {
  return queryOptions({
    queryKey: ['search', wanted],
    queryFn: ({ signal }) =>
      take(client.GET('/api/v1/search', { signal, params: { query: { ...wanted, limit: MOST } } })),
    staleTime: 30_000,
  })
}

export function document(day: string, receipt: string) {
  return queryOptions({
    queryKey: ['search', 'document', day, receipt],
    queryFn: ({ signal }) =>
      take(
        client.GET('/api/v1/search/documents/{day}/{receipt}', {
          signal,
          params: { path: { day, receipt } },
          // A receipt has slashes, and they stay.
          pathSerializer: () => `/api/v1/search/documents/${day}/${receipt}`,
        }),
      ),
    staleTime: Infinity,
  })
}

/** Searches every event of a time; tells how far it is, and returns what was found. */
export async function searchAll(
  wanted: Wanted,
  signal: AbortSignal,
  tell: (progress: Progress) => void,
): Promise<Found> {
  const query = new URLSearchParams({ ...wanted, limit: String(MOST) })
  const ended: { found?: Found; failed?: Refusal } = {}
  await readStream(`/api/v1/search/all?${query.toString()}`, signal, ({ kind, data }) => {
    if (kind === 'progress') tell(data as Progress)
    if (kind === 'found') ended.found = data as Found
    if (kind === 'failed') ended.failed = data as Refusal
  })
  if (ended.failed) throw new Refused(422, ended.failed)
  if (!ended.found) throw new TypeError('The search ended without an answer.')
  return ended.found
}
