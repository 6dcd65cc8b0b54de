/** What the playground asks. */
import { queryOptions } from '@tanstack/react-query'
import { client, take } from './client'
import type { Got, Posted } from './shapes'

export type Catalogue = Got<'/api/v1/playground'>
export type Ran = Posted<'/api/v1/playground/run'>
export type SavedDraft = Posted<'/api/v1/playground/drafts'>

export const catalogue = queryOptions({
  queryKey: ['playground'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/playground', { signal })),
  staleTime: 60_000,
})

export function run(
  sql: string,
  limit: number,
  explain: '' | 'plan',
  signal: AbortSignal,
): Promise<Ran> {
  return take(client.POST('/api/v1/playground/run', { signal, body: { sql, limit, explain } }))
}

export function saveDraft(name: string, sql: string, description: string): Promise<SavedDraft> {
  return take(client.POST('/api/v1/playground/drafts', { body: { name, sql, description } }))
}
