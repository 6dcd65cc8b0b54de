/** What the pages Recovery, Plan and Audit ask, and what they change. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, take } from './client'
import type { Got, Posted, Sent } from './shapes'

export type Recovery = Got<'/api/v1/recovery'>
export type Wrong = Recovery['wrong'][number]
export type Why = Got<'/api/v1/recovery/why/{stage}/{table}'>
export type Cause = Why['causes'][number]
export type Looked = Posted<'/api/v1/partitions/check'>
export type Found = Looked['findings'][number]
export type Level = Looked['level']
export type PlanRow = Got<'/api/v1/plans'>['plans'][number]
export type Plan = Got<'/api/v1/plans/{name}'>
export type PlanStep = Plan['steps_of'][number]
export type Progress = Got<'/api/v1/plans/{name}/progress'>
export type Expiry = Got<'/api/v1/plans/{name}/expiry'>
export type PlanWanted = Sent<'/api/v1/plans'>
export type Audit = Got<'/api/v1/audit'>
export type AuditEntry = Audit['entries'][number]
export type WholeEntry = Got<'/api/v1/audit/{number}'>

const SECOND = 1000

export const recovery = queryOptions({
  queryKey: ['recovery'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/recovery', { signal })),
  refetchInterval: 30 * SECOND,
})

export function why(asset: string, partition: string) {
  const [stage = '', table = ''] = asset.split('/')
  return queryOptions({
    queryKey: ['recovery', 'why', asset, partition],
    queryFn: ({ signal }) =>
      take(
        client.GET('/api/v1/recovery/why/{stage}/{table}', {
          signal,
          params: { path: { stage, table }, query: { partition } },
        }),
      ),
  })
}

/** What the last look of this person found, kept while the console is open. */
export const lookKey = (asset: string) => ['look', asset]

export function useLook(asset = '') {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (level: Level) =>
      take(
        client.POST('/api/v1/partitions/check', {
          body: { assets: asset ? [asset] : [], range: '', level },
        }),
      ),
    onSuccess: (looked) => {
      cache.setQueryData(lookKey(asset), looked)
      return cache.invalidateQueries({ queryKey: ['recovery'] })
    },
  })
}

export const plans = queryOptions({
  queryKey: ['plans'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/plans', { signal })),
  refetchInterval: ({ state }) =>
    state.data?.plans.some(({ running }) => running) ? 2 * SECOND : 30 * SECOND,
})

export function plan(name: string) {
  return queryOptions({
    queryKey: ['plans', name],
    queryFn: ({ signal }) =>
      take(client.GET('/api/v1/plans/{name}', { signal, params: { path: { name } } })),
  })
}

/** Asked each second while a process carries the plan out. */
export function progress(name: string) {
  return queryOptions({
    queryKey: ['plans', name, 'progress'],
    queryFn: ({ signal }) =>
      take(client.GET('/api/v1/plans/{name}/progress', { signal, params: { path: { name } } })),
    refetchInterval: ({ state }) => (state.data?.running ? SECOND : 10 * SECOND),
  })
}

export function expiry(name: string) {
  return queryOptions({
    queryKey: ['plans', name, 'expiry'],
    queryFn: ({ signal }) =>
      take(client.GET('/api/v1/plans/{name}/expiry', { signal, params: { path: { name } } })),
    staleTime: 60 * SECOND,
  })
}

export function useMakePlan() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: PlanWanted) => take(client.POST('/api/v1/plans', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['plans'], exact: true }),
  })
}

/** Makes a plan anew for what another was asked for. */
export function useAgain(name: string) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: () =>
      take(client.POST('/api/v1/plans/{name}/again', { params: { path: { name } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['plans'], exact: true }),
  })
}

export function useApply(name: string) {
  const tell = useTell(name)
  return useMutation({
    mutationFn: (digest: string) =>
      take(
        client.POST('/api/v1/plans/{name}/apply', { params: { path: { name } }, body: { digest } }),
      ),
    onSuccess: tell,
  })
}

export function useCancel(name: string) {
  const tell = useTell(name)
  return useMutation({
    mutationFn: () =>
      take(client.POST('/api/v1/plans/{name}/cancel', { params: { path: { name } } })),
    onSuccess: tell,
  })
}

/** The answer is the newest progress; everything else about plans is asked again. */
function useTell(name: string) {
  const cache = useQueryClient()
  return (now: Progress) => {
    cache.setQueryData(progress(name).queryKey, now)
    return cache.invalidateQueries({ queryKey: ['plans'] })
  }
}

export interface AuditFilter {
  action: string
  who: string
  about: string
  result: '' | 'ok' | 'refused' | 'failed' | 'open'
  since: string
  until: string
  before: number
}

export function audit({ since, until, ...filter }: AuditFilter) {
  const query = {
    ...filter,
    ...(since && { since: `${since}T00:00:00Z` }),
    ...(until && { until: `${until}T23:59:59Z` }),
  }
  return queryOptions({
    queryKey: ['audit', query],
    queryFn: ({ signal }) => take(client.GET('/api/v1/audit', { signal, params: { query } })),
  })
}

export function auditEntry(number: number) {
  return queryOptions({
    queryKey: ['audit', number],
    queryFn: ({ signal }) =>
      take(client.GET('/api/v1/audit/{number}', { signal, params: { path: { number } } })),
  })
}

export const verification = queryOptions({
  queryKey: ['audit', 'verification'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/audit/verification', { signal })),
  enabled: false,
})
