/** How a plan stands, in a word. */
import type { Progress } from '../../api/recovery'
import { Status, type Tone } from '../../parts/Status'
import { useTexts } from '../../texts/texts'

const TONES: Record<Progress['standing'], Tone> = {
  made: 'quiet',
  unfinished: 'warn',
  cancelled: 'quiet',
  failed: 'bad',
  done: 'good',
}

export function Standing({ standing, running }: Pick<Progress, 'standing' | 'running'>) {
  const texts = useTexts().recovery.standings
  if (!running) return <Status tone={TONES[standing]}>{texts[standing]}</Status>
  return <Status tone="warn">{standing === 'cancelled' ? texts.stopping : texts.running}</Status>
}
