/** What failed, what to do about it, a text to send to somebody, and another try. */
import { Button, Group, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy, IconRefresh } from '@tabler/icons-react'
import { useLocation } from '@tanstack/react-router'
import { Lost, Refused } from '../api/errors'
import { useTexts, type Texts } from '../texts/texts'
import { Code } from './Code'
import { useCopy } from './copy'
import { ICON } from './icons'
import { Bad } from './Bad'

interface Told {
  title: string
  message: string
  remedy: string
  command?: string
  pointer?: string
  request?: string
}

function tell(error: Error, texts: Texts['parts']['failure']): Told {
  if (error instanceof Lost) {
    return { title: texts.lost, message: '', remedy: texts.lostRemedy, command: 'weir doctor' }
  }
  if (error instanceof Refused) {
    const { message, remedy, where, request } = error.refusal
    return {
      title: error.status === 409 ? texts.conflict : texts.title,
      message,
      remedy,
      pointer: where?.pointer,
      request,
    }
  }
  return { title: texts.unexpected, message: error.message, remedy: texts.unexpectedRemedy }
}

/** The failure as a text for an issue: what was shown, where, and the request to look up. */
export function report(error: Error, path: string): string {
  const lines = [`Page: ${path}`, `Error: ${error.message}`]
  if (error instanceof Refused) {
    const { code, remedy, where, request } = error.refusal
    lines.push(`Code: ${code} (${error.status})`, `Remedy: ${remedy}`)
    if (where?.pointer) lines.push(`Where: ${where.pointer}`)
    lines.push(`Request: ${request}`)
  } else if (error.stack) {
    lines.push(error.stack)
  }
  return lines.join('\n')
}

export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const { failure } = useTexts().parts
  const { href } = useLocation()
  const { copied, copy } = useCopy()
  const told = tell(error, failure)
  return (
    <Bad title={told.title}>
      <Stack gap="xs" align="flex-start">
        {told.message && <Text>{told.message}</Text>}
        {told.pointer && <Text ff="monospace">{failure.at(told.pointer)}</Text>}
        {told.remedy && <Text>{told.remedy}</Text>}
        {told.command && <Code command text={told.command} label={told.remedy} />}
        <Group gap="xs">
          {retry && (
            <Button leftSection={<IconRefresh {...ICON} />} onClick={retry}>
              {failure.retry}
            </Button>
          )}
          <Button
            variant="default"
            leftSection={copied ? <IconCheck {...ICON} /> : <IconCopy {...ICON} />}
            onClick={() => copy(report(error, href))}
          >
            {failure.copy}
          </Button>
          {told.request && (
            <Text size="xs" c="dimmed">
              {failure.request(told.request)}
            </Text>
          )}
        </Group>
      </Stack>
    </Bad>
  )
}
