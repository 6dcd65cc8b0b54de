/** What is to say, worst first: a click leads to the place, a suggestion is taken with one more. */
import { Button, Group, Stack, Text, UnstyledButton } from '@mantine/core'
import { Status, type Tone } from '../../parts/Status'
import { worded } from '../../texts/texts'
import type { Note } from './notes'
import style from './Verdict.module.css'
import { useBuilderTexts } from './texts'

const TONES: Record<Note['severity'], Tone> = { error: 'bad', warning: 'warn', hint: 'quiet' }

interface Props {
  notes: Note[]
  go: (node: string) => void
  use: (note: Note) => void
}

export function Notes({ notes, go, use }: Props) {
  const texts = useBuilderTexts()
  if (notes.length === 0) return <Text c="dimmed">{texts.nothing}</Text>
  return (
    <ul className={style.notes} aria-label={texts.tabs.verdict}>
      {notes.map((note) => (
        <li key={note.key} className={style.note}>
          <Stack gap={2}>
            <Group gap="xs" justify="space-between" wrap="nowrap">
              <Status tone={TONES[note.severity]}>{texts.severities[note.severity]}</Status>
              {note.suggestion && (
                <Button size="compact-xs" variant="default" onClick={() => use(note)}>
                  {texts.use(note.suggestion)}
                </Button>
              )}
            </Group>
            {note.node ? (
              <UnstyledButton className={style.go} onClick={() => go(note.node)}>
                {note.text}
              </UnstyledButton>
            ) : (
              <Text size="sm">
                <Text span size="sm" c="dimmed">
                  {worded(texts.parts, note.part)}:{' '}
                </Text>
                {note.text}
              </Text>
            )}
            {note.remedy && (
              <Text size="sm" c="dimmed">
                {note.remedy}
              </Text>
            )}
          </Stack>
        </li>
      ))}
    </ul>
  )
}
