/** What runs right now, and how to start what does not. */
import { Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { session } from '../../api/queries'
import type { Home } from '../../api/types'
import { Code } from '../../parts/Code'
import { Status } from '../../parts/Status'
import { useTexts } from '../../texts/texts'

const START = 'weir up'

export function Live({ live }: { live: Home['live'] }) {
  const texts = useTexts().home
  const { data } = useQuery(session)
  const dagster = data?.dagster ?? null
  return (
    <section aria-labelledby="live">
      <Title order={2} id="live" mb="xs">
        {texts.live}
      </Title>
      <Stack gap="xs">
        <Group gap="xl">
          {live.collector === null ? (
            <Status tone="bad">{texts.collectorOff}</Status>
          ) : (
            <Group gap="xs">
              <Status tone="good">{texts.collector}</Status>
              <code>{live.collector}</code>
            </Group>
          )}
          <Status tone={dagster ? 'good' : 'quiet'}>
            {dagster ? texts.dagsterOn : texts.dagsterOff}
          </Status>
        </Group>
        {live.collector === null && (
          <Group gap="xs">
            <Text c="dimmed">{texts.start}</Text>
            <Code command text={START} label={texts.start} />
          </Group>
        )}
      </Stack>
    </section>
  )
}
