/** The whole platform on one page: the flow with today's counts, and what needs somebody. */
import { Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { home } from '../../api/queries'
import type { Home } from '../../api/types'
import { Asked } from '../../parts/Asked'
import { Empty } from '../../parts/Empty'
import { Page } from '../../parts/Page'
import { When } from '../../parts/When'
import { useTexts, worded } from '../../texts/texts'
import { Flow } from './Flow'
import { Live } from './Live'
import { Problems } from './Problems'

export function HomePage() {
  const texts = useTexts().home
  const query = useQuery(home)
  return (
    <Page title={texts.title} actions={query.data && <Clock home={query.data} />}>
      <Asked query={query} lines={10}>
        {(answer) => <Content home={answer} />}
      </Asked>
    </Page>
  )
}

function Content({ home }: { home: Home }) {
  const texts = useTexts().home
  const untouched = home.stages.every(({ rows, newest }) => rows === 0 && newest === '')
  return (
    <Stack gap="lg">
      <Flow home={home} />
      {untouched && <Empty title={texts.emptyTitle} text={texts.emptyText} command="weir demo" />}
      <Problems problems={home.problems} calm={!untouched} />
      <Live live={home.live} />
    </Stack>
  )
}

function Clock({ home }: { home: Home }) {
  const texts = useTexts().home
  return (
    <Group gap="4px 24px">
      {home.closed_until && (
        <Text size="sm" c="dimmed">
          {texts.closed(worded(texts.grains, home.grain))} <When at={home.closed_until} />
        </Text>
      )}
      <Text size="sm" c="dimmed">
        {texts.asOf} <When at={home.at} />
      </Text>
    </Group>
  )
}
