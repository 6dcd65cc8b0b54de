/** How far the parameters are from the version before, and whom it hurts. */
import { Group, Stack, Text } from '@mantine/core'
import { Status } from '../../parts/Status'
import { worded } from '../../texts/texts'
import type { Judged } from './api'
import style from './Verdict.module.css'
import { useBuilderTexts } from './texts'

export function Compatible({ judged }: { judged: Judged | undefined }) {
  const texts = useBuilderTexts()
  const found = judged?.compatibility
  if (!found) {
    return <Text c="dimmed">{judged?.columns.length ? texts.firstVersion : texts.later}</Text>
  }
  return (
    <Stack gap="sm">
      <Status tone={found.allowed ? 'good' : 'bad'}>
        {worded(texts.steps, found.kind)}
        {found.before.length > 0 && ` · ${texts.against(found.before.join(', '))}`}
      </Status>
      <Text size="sm">{found.advice}</Text>
      <ul className={style.notes} aria-label={texts.tabs.compatibility}>
        {found.differences.map((one) => (
          <li key={`${one.pointer} ${one.rule}`} className={style.note}>
            <Group gap="xs" wrap="nowrap" justify="space-between">
              <code>{one.pointer || '/'}</code>
              {one.breaking && <Status tone="bad">{texts.breaking}</Status>}
            </Group>
            <Text size="sm">{one.reason}</Text>
            {one.remedy && (
              <Text size="sm" c="dimmed">
                {one.remedy}
              </Text>
            )}
          </li>
        ))}
      </ul>
    </Stack>
  )
}
