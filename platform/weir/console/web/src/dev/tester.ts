/** A stand-in for the collector: purchases are right if their price is; one event has just arrived. */
import type { Arrived, Verdict } from '../api/tester'
import { ROWS } from './quarantine.ts'

export const STANDING = {
  collector: 'http://127.0.0.1:7400',
  needs_token: false,
  has_token: false,
  seal_seconds: 30,
  names: ['add_cart_shop', 'purchase_item_shop'],
}

const GOOD: Verdict = {
  verdict: 'accepted',
  lane: 'normal',
  tier: 'normal',
  event: 'purchase_item_shop',
  version: 1,
  version_assumed: false,
  violations: [],
  stored: { event_name: 'purchase_item_shop', verdict: 'accepted' },
  meant: '',
  like: [],
  refusal: null,
}

export function verdictOn(text: string): Verdict {
  let event: { name?: string; params?: { price?: number } }
  try {
    event = JSON.parse(text) as typeof event
  } catch {
    const refusal = {
      code: 'not_json',
      message: 'The body is not JSON.',
      remedy: 'Remove the comma.',
      line: 1,
      column: 1,
    }
    return {
      ...GOOD,
      verdict: 'refused',
      lane: null,
      tier: '',
      event: null,
      version: null,
      refusal,
    }
  }
  if (event.name !== 'purchase_item_shop') {
    return {
      ...GOOD,
      verdict: 'quarantined',
      tier: '',
      event: event.name ?? null,
      meant: 'purchase_item_shop',
    }
  }
  if ((event.params?.price ?? -1) >= 0) return GOOD
  return {
    ...GOOD,
    verdict: 'quarantined',
    lane: 'quarantine',
    violations: ROWS[0]?.violations ?? [],
  }
}

export function sentAs(text: string) {
  const { verdict, event, violations, refusal } = verdictOn(text)
  const id = refusal ? null : 'test-1'
  return {
    url: STANDING.collector,
    status: refusal ? 400 : 200,
    id,
    answer: {},
    verdict,
    event,
    violations,
    refusal,
  }
}

const ARRIVED: Arrived = {
  received_at: '2026-11-21T05:12:40.000000',
  event_id: 'r-1',
  event_name: 'purchase_item_shop',
  version: 1,
  user_id: 'u1',
  producer: 'shop-app',
  app_version: '3.1.0',
  verdict: 'quarantined',
  lane: 'quarantine',
  cut: null,
  hidden: false,
  violations: ROWS[0]?.violations ?? [],
  sent: ROWS[0]?.sent,
}

export function tail(): Response {
  const line = (kind: string, data: unknown) => `event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`
  const text =
    line('hello', { collector: STANDING.collector, per_second: 50 }) + line('event', ARRIVED)
  return new Response(text, { headers: { 'content-type': 'text/event-stream' } })
}
