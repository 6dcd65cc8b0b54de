/** Whether the newest partition that should be there is there, and what one partition costs. */
import { Group, Text } from '@mantine/core'
import type { Model } from '../../api/types'
import { Status, type Tone } from '../../parts/Status'
import { When } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'

type Fresh = NonNullable<Model['freshness']>

const TONES: Record<Fresh['state'], Tone> = {
  fresh: 'good',
  not_expected: 'quiet',
  expired: 'quiet',
  absent: 'bad',
  lost: 'bad',
  stale: 'warn',
}

export function Standing({ model: { freshness, cost } }: { model: Model }) {
  const texts = useTexts().models
  const { seconds, bytes, number } = useFormats()
  if (!freshness && !cost) return null
  return (
    <div>
      {freshness && (
        <Group gap="0 0.5rem">
          <Status tone={TONES[freshness.state]}>{texts.fresh[freshness.state]}</Status>
          <Text size="sm">{freshness.text}</Text>
          {freshness.built_at && (
            <Text size="sm" c="dimmed">
              {texts.built} <When at={freshness.built_at} ago />
            </Text>
          )}
        </Group>
      )}
      {cost && (
        <Text size="sm" c="dimmed">
          {texts.cost(
            between(seconds(cost.seconds_p50), seconds(cost.seconds_p90)),
            between(bytes(cost.bytes_p50), bytes(cost.bytes_p90)),
            number(cost.rows_p50),
            cost.runs,
          )}
        </Text>
      )}
    </div>
  )
}

function between(half: string, most: string): string {
  return half === most ? half : `${half} – ${most}`
}
