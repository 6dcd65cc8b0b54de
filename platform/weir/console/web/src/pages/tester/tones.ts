/** How good or bad a verdict is. */
import type { Tone } from '../../parts/Status'

const TONES: Partial<Record<string, Tone>> = { accepted: 'good', flagged: 'warn' }

export function toneOf(verdict: string): Tone {
  return TONES[verdict] ?? 'bad'
}
