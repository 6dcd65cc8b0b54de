/** What the quarantine's pages ask. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client, take } from './client'
import type { paths } from './schema'
import type { Got, Posted, Sent } from './shapes'

export type Groups = Got<'/api/v1/quarantine'>
export type Group = Groups['groups'][number]
export type Row = Got<'/api/v1/quarantine/rows'>['rows'][number]
export type Drop = Got<'/api/v1/quarantine/drops'>['drops'][number]
export type Replay = Got<'/api/v1/quarantine/replays'>['replays'][number]
export type Report = NonNullable<Replay['report']>
export type DryRun = Posted<'/api/v1/quarantine/dry-run'>

export const CHOICES = ['event', 'rule', 'pointer', 'app', 'from', 'to', 'state'] as const

/** Which events, as an address says it. */
export type Chosen = Partial<Record<(typeof CHOICES)[number], string>>
type Query = NonNullable<paths['/api/v1/quarantine']['get']['parameters']['query']>

export function groups(chosen: Chosen) {
  return queryOptions({
    queryKey: ['quarantine', 'groups', chosen],
    queryFn: ({ signal }) =>
      take(client.GET('/api/v1/quarantine', { signal, params: { query: chosen as Query } })),
    placeholderData: keepPreviousData,
  })
}

export function rows(chosen: Chosen & { receipt?: string }, limit: number) {
  return queryOptions({
    queryKey: ['quarantine', 'rows', chosen, limit],
    queryFn: ({ signal }) =>
      take(
        client.GET('/api/v1/quarantine/rows', {
          signal,
          params: { query: { ...(chosen as Query), limit } },
        }),
      ),
    placeholderData: keepPreviousData,
  })
}

export const drops = queryOptions({
  queryKey: ['quarantine', 'drops'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/quarantine/drops', { signal })),
})

const LOOK_MS = 700

export const replays = queryOptions({
  queryKey: ['quarantine', 'replays'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/quarantine/replays', { signal })),
  refetchInterval: ({ state }) =>
    state.data?.replays.some((one) => one.state === 'running') ? LOOK_MS : false,
})

export function replay(number: number) {
  return queryOptions({
    queryKey: ['quarantine', 'replay', number],
    queryFn: ({ signal }) =>
      take(
        client.GET('/api/v1/quarantine/replays/{number}', { signal, params: { path: { number } } }),
      ),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? LOOK_MS : false),
    staleTime: 0,
  })
}

type Selection = Sent<'/api/v1/quarantine/replays'>

/** Which events, whatever is looked at: those that were replayed never are again. */
function selection(chosen: Chosen, version: number | null): Selection {
  return { ...chosen, state: undefined, version } as unknown as Selection
}

export function dryRun(chosen: Chosen, version: number | null): Promise<DryRun> {
  return take(client.POST('/api/v1/quarantine/dry-run', { body: selection(chosen, version) }))
}

export function startReplay(chosen: Chosen, version: number | null): Promise<Replay> {
  return take(client.POST('/api/v1/quarantine/replays', { body: selection(chosen, version) }))
}
