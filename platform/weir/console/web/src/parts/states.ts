/** How good or bad the states of the platform are. */
import type { Event, Partition } from '../api/types'
import type { Tone } from './Status'

export const EVENT_TONES: Record<Event['status'], Tone> = {
  active: 'good',
  draft: 'quiet',
  deprecated: 'warn',
  archived: 'quiet',
}

export const PARTITION_TONES: Record<Partition['state'], Tone> = {
  current: 'good',
  stale: 'warn',
  missing: 'bad',
  failed: 'bad',
  empty: 'quiet',
}
