/** Read-only SQL on the lake: an editor, and what it returned. */
import { Button, Grid, Group, NativeSelect, Stack, Text } from '@mantine/core'
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useEffect, useRef, useState } from 'react'
import { Refused } from '../../api/errors'
import { catalogue as ask, type Catalogue } from '../../api/playground'
import { session } from '../../api/queries'
import { useAddress } from '../../parts/address'
import { Failure } from '../../parts/Failure'
import { ICON } from '../../parts/icons'
import { Page } from '../../parts/Page'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { DraftModal } from './DraftModal'
import { Editor, type EditorHandle, type Mark } from './Editor'
import { keepText, keptText } from './kept'
import { Results } from './Results'
import { Tables } from './Tables'
import { useRuns, type Runs } from './runs'
import { Bad } from '../../parts/Bad'

const LIMITS = ['100', '1000', '10000']

export function PlaygroundPage() {
  const texts = useTexts().playground
  const person = useQuery(session).data?.person
  return (
    <Page title={texts.title} lead={texts.lead}>
      {person && <Bench key={person.name} person={person.name} editor={person.role !== 'viewer'} />}
    </Page>
  )
}

function Bench({ person, editor }: { person: string; editor: boolean }) {
  const texts = useTexts().playground
  const [asked] = useAddress('q')
  const navigate = useNavigate()
  const [text, setText] = useState(() => asked || keptText(person))
  const [limit, setLimit] = useAddress('limit', '1000')
  const [drafting, setDrafting] = useState(false)
  const handle = useRef<EditorHandle>(null)
  const catalogue = useQuery(ask).data
  const runs = useRuns(person)
  const taken = useRef(asked)
  useEffect(() => keepText(person, text), [person, text])
  useEffect(() => {
    if (!asked || asked === taken.current) return
    taken.current = asked
    handle.current?.set(asked)
  }, [asked])

  const run = useCallback(() => {
    taken.current = text
    void navigate({
      to: '.',
      search: (now: Record<string, string | undefined>) => ({ ...now, q: text || undefined }),
      replace: true,
      resetScroll: false,
    })
    runs.run(text, Number(limit))
  }, [text, limit, runs, navigate])
  const take = (sql: string) => handle.current?.set(sql)

  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, md: 9 }} style={{ minWidth: 0 }}>
        <Stack gap="sm">
          <Editor
            ref={handle}
            label={texts.editor}
            hint={texts.keys}
            text={text}
            change={setText}
            run={run}
            catalogue={catalogue}
            mark={markOf(runs.error)}
          />
          <Group gap="xs">
            {runs.running ? (
              <Button color="red" leftSection={<IconPlayerStop {...ICON} />} onClick={runs.cancel}>
                {texts.cancel}
              </Button>
            ) : (
              <Button
                leftSection={<IconPlayerPlay {...ICON} />}
                disabled={!text.trim()}
                onClick={run}
              >
                {texts.run}
              </Button>
            )}
            <NativeSelect
              aria-label={texts.limit}
              value={limit}
              data={LIMITS.map((value) => ({ value, label: `${texts.limit}: ${value}` }))}
              onChange={(event) => setLimit(event.currentTarget.value)}
            />
            {editor && (
              <Button variant="default" disabled={!text.trim()} onClick={() => setDrafting(true)}>
                {texts.draft}
              </Button>
            )}
            <Caps catalogue={catalogue} />
          </Group>
          <Wrong runs={runs} />
          <Results runs={runs} sql={text} take={take} catalogue={catalogue} />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 3 }}>
        <Tables catalogue={catalogue} insert={(name) => handle.current?.insert(name)} />
      </Grid.Col>
      {drafting && <DraftModal sql={text} close={() => setDrafting(false)} />}
    </Grid>
  )
}

function Caps({ catalogue }: { catalogue?: Catalogue }) {
  const texts = useTexts().playground
  const { number, seconds } = useFormats()
  if (!catalogue) return null
  const { rows, bytes, seconds: most } = catalogue.limits
  return (
    <Text size="sm" c="dimmed">
      {texts.caps(number(rows), number(bytes / 1_000_000), seconds(most))} {texts.keys}
    </Text>
  )
}

function markOf(error?: Error): Mark | undefined {
  if (!(error instanceof Refused)) return undefined
  const { where, message } = error.refusal
  if (!where?.line || !where.column) return undefined
  return { line: Number(where.line), column: Number(where.column), text: message }
}

function Wrong({ runs }: { runs: Runs }) {
  const texts = useTexts().playground
  const { error } = runs
  if (!error) return runs.stopped ? <Text role="status">{texts.stopped}</Text> : null
  if (!(error instanceof Refused) || error.refusal.code !== 'query_rejected') {
    return <Failure error={error} />
  }
  const { message, remedy, where } = error.refusal
  return (
    <Bad title={texts.wrong}>
      {where?.line && <Text fw={500}>{texts.at(where.line, where.column ?? '')}</Text>}
      <Text ff="monospace" style={{ whiteSpace: 'pre-wrap' }}>
        {message}
      </Text>
      <Text>{remedy}</Text>
    </Bad>
  )
}
