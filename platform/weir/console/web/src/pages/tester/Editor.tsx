/** The event that is written, what is wrong with it as it is typed, and sending it. */
import { Button, Checkbox, Group, NativeSelect, Skeleton, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo, useState } from 'react'
import { check, type Standing, type Verdict } from '../../api/tester'
import { useAddress } from '../../parts/address'
import type { Mark } from '../../parts/editor/JsonEditor'
import { Failure } from '../../parts/Failure'
import { useTexts } from '../../texts/texts'
import { formatted } from './draft'
import { useMarks } from './marks'
import { Send } from './Send'
import { VerdictPanel } from './VerdictPanel'

const JsonEditor = lazy(() => import('../../parts/editor/JsonEditor'))
const PAUSE_MS = 250
const NO_MARKS: Mark[] = []

interface EditorProps {
  draft: string
  setDraft: (text: string) => void
  standing: Standing | undefined
}

export function Editor({ draft, setDraft, standing }: EditorProps) {
  const texts = useTexts().tester
  const [, setName] = useAddress('event')
  const [strict, setStrict] = useState(false)
  const [paused] = useDebouncedValue(draft, PAUSE_MS)
  const query = useQuery({ ...check(paused, strict), placeholderData: keepPreviousData })
  const current = paused === draft && !query.isPlaceholderData ? query.data : undefined
  const marks = useMarks(draft, current)
  const names = useMemo(() => standing?.names ?? [], [standing])
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-end">
        <NativeSelect
          label={texts.example}
          value=""
          onChange={(event) => setName(event.currentTarget.value)}
          data={[
            { value: '', label: texts.chooseExample },
            ...names.map((name) => ({ value: name, label: name })),
          ]}
        />
        <Button variant="default" onClick={() => setDraft(formatted(draft))}>
          {texts.format}
        </Button>
        <Button variant="default" loading={query.isFetching} onClick={() => void query.refetch()}>
          {texts.check}
        </Button>
        <Checkbox
          size="xs"
          pb={6}
          label={texts.strict}
          checked={strict}
          onChange={(event) => setStrict(event.currentTarget.checked)}
        />
      </Group>
      <Suspense fallback={<Skeleton height={224} />}>
        <JsonEditor text={draft} change={setDraft} marks={marks ?? NO_MARKS} label={texts.editor} />
      </Suspense>
      {query.isError && <Failure error={query.error} retry={() => void query.refetch()} />}
      {query.data && <Judged verdict={query.data} old={!current} {...{ draft, setDraft }} />}
      {standing && <Send text={draft} standing={standing} />}
    </Stack>
  )
}

interface JudgedProps {
  verdict: Verdict
  old: boolean
  draft: string
  setDraft: (text: string) => void
}

function Judged({ verdict, old, draft, setDraft }: JudgedProps) {
  const texts = useTexts().tester
  return (
    <section aria-label={texts.verdict} aria-busy={old} role="status">
      {draft.trim() === '' ? (
        <Text c="dimmed">{texts.checking}</Text>
      ) : (
        <VerdictPanel
          verdict={verdict}
          use={(name) => setDraft(renamed(draft, verdict.event ?? '', name))}
        />
      )}
    </section>
  )
}

/** The same text with the event's name put right. */
function renamed(text: string, wrong: string, right: string): string {
  return text.replace(JSON.stringify(wrong), JSON.stringify(right))
}
