/** What a run takes, in words. */
import type { Plan } from '../../api/recovery'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'

type Estimate = Pick<Plan['estimate'], 'p50' | 'p90'>

/** `12 s (9 in 10 within 14 s)`, or that nothing is known. */
export function useTime(): (estimate: Estimate) => string {
  const texts = useTexts().plan
  const { seconds } = useFormats()
  return ({ p50, p90 }) => {
    if (p50 === null || p90 === null) return texts.unknown
    const half = seconds(p50)
    const most = seconds(p90)
    return half === most ? half : texts.time(half, most)
  }
}
