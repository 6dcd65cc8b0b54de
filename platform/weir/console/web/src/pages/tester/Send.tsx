/** Sends the event to the collector, and tells its answer and where the event will be. */
import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { IconSend } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { send, type Sent, type Standing } from '../../api/tester'
import { Failure } from '../../parts/Failure'
import { ICON } from '../../parts/icons'
import { Violations } from '../../parts/JsonTree'
import { useMay } from '../../parts/may'
import { Status } from '../../parts/Status'
import { useFormats } from '../../texts/numbers'
import { useTexts, worded } from '../../texts/texts'
import sheet from '../../parts/Sheet.module.css'
import style from './Tester.module.css'
import { toneOf } from './tones'
import { Refusal } from './VerdictPanel'

interface SendProps {
  text: string
  standing: Standing
}

export function Send({ text, standing }: SendProps) {
  const texts = useTexts().tester
  const may = useMay('editor')
  const [token, setToken] = useState('')
  const sending = useMutation({ mutationFn: () => send(text, token) })
  const { collector, needs_token, has_token, seal_seconds } = standing
  return (
    <Stack gap="xs">
      {needs_token && !has_token && (
        <PasswordInput
          label={texts.token}
          description={texts.tokenHint}
          autoComplete="off"
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
        />
      )}
      <Group gap="sm">
        <Button
          leftSection={<IconSend {...ICON} />}
          disabled={!may || !collector || text.trim() === ''}
          loading={sending.isPending}
          onClick={() => sending.mutate()}
        >
          {texts.send}
        </Button>
        <Text size="sm" c="dimmed">
          {may ? collector : texts.sendNeeds}
        </Text>
      </Group>
      {sending.isError && <Failure error={sending.error} />}
      {sending.data && <Answer sent={sending.data} every={seal_seconds} />}
    </Stack>
  )
}

function Answer({ sent, every }: { sent: Sent; every: number }) {
  const texts = useTexts().tester
  return (
    <section className={`${sheet.sheet} ${style.answer}`} aria-label={texts.sent} role="status">
      <Stack gap="xs">
        <Group gap="sm">
          <Text fw={600}>
            {texts.sent} ({sent.status})
          </Text>
          <Status tone={toneOf(sent.verdict)}>{worded(texts.verdicts, sent.verdict)}</Status>
          {sent.id && <Text size="sm">{texts.sentId(sent.id)}</Text>}
        </Group>
        {sent.refusal && <Refusal refusal={sent.refusal} />}
        <Violations violations={sent.violations} />
        {!sent.refusal && <Where sent={sent} every={every} />}
      </Stack>
    </section>
  )
}

function Where({ sent: { verdict, event }, every }: { sent: Sent; every: number }) {
  const { found, toEvent, toQuarantine } = useTexts().tester
  const { seconds } = useFormats()
  if (verdict === 'rejected') return <Text size="sm">{found.rejected}</Text>
  if (verdict === 'quarantined' || !event) {
    return (
      <Text size="sm">
        {found.quarantined(seconds(every))}{' '}
        <Link className={style.inline} to="/quarantine" search={event ? { event } : {}}>
          {toQuarantine}
        </Link>
      </Text>
    )
  }
  return (
    <Text size="sm">
      {found.accepted(seconds(every))}{' '}
      <Link className={style.inline} to="/events/$name" params={{ name: event }}>
        {toEvent}
      </Link>
    </Text>
  )
}
