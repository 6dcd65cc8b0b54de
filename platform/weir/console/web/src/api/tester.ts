/** What the live tester asks. */
import { queryOptions } from '@tanstack/react-query'
import type { Violation } from '../parts/JsonTree'
import { client, take } from './client'
import type { Got, Posted } from './shapes'

export type Verdict = Posted<'/api/v1/tester/check'>
export type Sent = Posted<'/api/v1/tester/send'>
export type Standing = Got<'/api/v1/tester'>

/** One event of the tail. */
export interface Arrived {
  received_at: string
  event_id: string
  event_name: string | null
  version: number | null
  user_id: string | null
  producer: string | null
  app_version: string | null
  verdict: string
  lane: string | null
  cut: number | null
  hidden: boolean
  violations: Violation[]
  sent: unknown
}

/** A request that was refused as a whole. */
export interface RefusedRequest {
  path: string
  status: number
  code: string
  message: string
  remedy: string
}

const LOOK_MS = 10_000

export const standing = queryOptions({
  queryKey: ['tester'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/tester', { signal })),
  refetchInterval: LOOK_MS,
})

export function check(text: string, strict: boolean) {
  return queryOptions({
    queryKey: ['tester', 'check', text, strict],
    queryFn: ({ signal }) =>
      take(client.POST('/api/v1/tester/check', { signal, body: { text, strict } })),
    enabled: text.trim() !== '',
    gcTime: 30_000,
  })
}

export function send(text: string, token: string): Promise<Sent> {
  return take(client.POST('/api/v1/tester/send', { body: { text, token } }))
}
