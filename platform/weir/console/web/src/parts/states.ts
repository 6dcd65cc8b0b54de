/** How good or bad the states of the platform are. */
import type { Partition } from '../api/types'
import type { Tone } from './Status'

const EVENT_TONES: Partial<Record<string, Tone>> = { active: 'good', deprecated: 'warn' }

export function eventTone(status: string): Tone {
  return EVENT_TONES[status] ?? 'quiet'
}

export const PARTITION_TONES: Record<Partition['state'], Tone> = {
  current: 'good',
  stale: 'warn',
  missing: 'bad',
  failed: 'bad',
  empty: 'quiet',
}
