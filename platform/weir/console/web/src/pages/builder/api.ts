/** What the builder asks of the API. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client, take } from '../../api/client'
import { Lost, Refused } from '../../api/errors'
import type { Got, Posted, Sent } from '../../api/shapes'

export type Dictionaries = Got<'/api/v1/builder/dictionaries'>
export type Document = Got<'/api/v1/builder/events/{name}'>
export type Judged = Posted<'/api/v1/builder/check'>
export type ServerNote = Judged['notes'][number]
export type Compatibility = NonNullable<Judged['compatibility']>
export type PlannedColumn = Judged['columns'][number]
export type Saved = Posted<'/api/v1/builder/save'>
export type Wanted = Sent<'/api/v1/builder/check'>
export type SaveOrder = Sent<'/api/v1/builder/save'>

/** One place that others changed too, as the server tells it in the details of a 409. */
export interface Conflict {
  id: string
  path: string
  pointer: string
  base?: unknown
  mine?: unknown
  theirs?: unknown
  remedy: string
}

export function dictionaries(branch: string) {
  return queryOptions({
    queryKey: ['builder', 'dictionaries', branch],
    queryFn: ({ signal }) =>
      take(client.GET('/api/v1/builder/dictionaries', { signal, params: { query: { branch } } })),
  })
}

export function opened(name: string, branch: string) {
  return queryOptions({
    queryKey: ['builder', 'event', name, branch],
    queryFn: ({ signal }) =>
      take(
        client.GET('/api/v1/builder/events/{name}', {
          signal,
          params: { path: { name }, query: { branch } },
        }),
      ),
    // What is edited must not change under the editor.
    staleTime: 'static',
    gcTime: 0,
  })
}

/** Where what was saved last is kept, for the page that edits on. */
export function savedKey(name: string, branch: string): string[] {
  return ['builder', 'saved', name, branch]
}

/** The verdict on what is wanted, as text; the one before stays until it comes. */
export function verdict(text: string) {
  return queryOptions({
    queryKey: ['builder', 'verdict', text],
    queryFn: ({ signal }) =>
      take(client.POST('/api/v1/builder/check', { signal, body: JSON.parse(text) as Wanted })),
    enabled: text !== '',
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 60_000,
    // 429: others' events are judged at this moment.
    retry: (_, error) =>
      error instanceof Lost || (error instanceof Refused && error.status === 429),
  })
}

export function saveEvent(body: SaveOrder): Promise<Saved> {
  return take(client.POST('/api/v1/builder/save', { body }))
}

export function takeBranch(branch: string): Promise<{ files: string[] }> {
  return take(client.POST('/api/v1/builder/take', { body: { branch } }))
}
