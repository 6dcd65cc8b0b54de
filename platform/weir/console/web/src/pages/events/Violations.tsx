/** What is wrong with an event that comes: by rule, with the newest samples. */
import { Stack } from '@mantine/core'
import type { Event } from '../../api/types'
import { Empty } from '../../parts/Empty'
import { LinkButton } from '../../parts/LinkButton'
import { useTexts } from '../../texts/texts'
import { Samples } from '../quarantine/Samples'
import { Shares } from './Shares'

export function Violations({ event }: { event: Event }) {
  const { events: texts } = useTexts()
  if (event.violations === 0) {
    return <Empty title={texts.noViolations} text={texts.noViolationsText} />
  }
  return (
    <Stack gap="lg">
      <Shares title={texts.byRule} rows={Object.entries(event.rules)} />
      <LinkButton
        variant="default"
        to="/quarantine"
        search={{ event: event.name }}
        style={{ alignSelf: 'flex-start' }}
      >
        {texts.toQuarantine}
      </LinkButton>
      <Samples chosen={{ event: event.name }} />
    </Stack>
  )
}
