/** What runs right now, and how to start what does not. */
import { Group, Stack, Text, Title } from '@mantine/core'
import type { Home } from '../../api/types'
import { Code } from '../../parts/Code'
import { Status } from '../../parts/Status'
import { useTexts } from '../../texts/texts'

const START = 'weir up'

export function Live({ live }: { live: Home['live'] }) {
  const texts = useTexts().home
  return (
    <section aria-labelledby="live">
      <Title order={2} id="live" mb="xs">
        {texts.live}
      </Title>
      {live.collector === null ? (
        <Stack gap="xs">
          <Status tone="bad">{texts.collectorOff}</Status>
          <Group gap="xs">
            <Text c="dimmed">{texts.start}</Text>
            <Code command text={START} label={texts.start} />
          </Group>
        </Stack>
      ) : (
        <Group gap="xs">
          <Status tone="good">{texts.collector}</Status>
          <code>{live.collector}</code>
        </Group>
      )}
    </section>
  )
}
