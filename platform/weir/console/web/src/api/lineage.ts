/** What the page Lineage asks. */
import { queryOptions } from '@tanstack/react-query'
import { client, take } from './client'
import type { Got } from './shapes'

export type Lineage = Got<'/api/v1/lineage'>
export type LineageAsset = Lineage['assets'][number]
export type LineageEdge = Lineage['edges'][number]
export type Columns = Got<'/api/v1/lineage/{stage}/{table}'>
export type ColumnStep = Columns['steps'][number]

/** All assets: so many are small, and walking from one to the next asks nobody. */
export const lineage = queryOptions({
  queryKey: ['lineage'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/lineage', { signal })),
  staleTime: 30_000,
})

export function columns(asset: string, column: string, up: number, down: number) {
  const [stage = '', table = ''] = asset.split('/')
  return queryOptions({
    queryKey: ['lineage', asset, column, up, down],
    queryFn: ({ signal }) =>
      take(
        client.GET('/api/v1/lineage/{stage}/{table}', {
          signal,
          params: { path: { stage, table }, query: { column, up, down } },
        }),
      ),
    enabled: asset !== '',
  })
}
