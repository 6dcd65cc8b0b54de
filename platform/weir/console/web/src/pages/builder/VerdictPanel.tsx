/** What is to say of the event as it is now, and what it becomes: columns, an example, the files. */
import { Alert, Stack, Tabs, Text } from '@mantine/core'
import { useAddress } from '../../parts/address'
import { Code } from '../../parts/Code'
import { Status } from '../../parts/Status'
import { useFormats } from '../../texts/numbers'
import type { Judged } from './api'
import { Compatible } from './Compatible'
import { Diff } from './Diff'
import { Notes } from './Notes'
import type { Note } from './notes'
import { Planned } from './Planned'
import style from './Verdict.module.css'
import { useBuilderTexts } from './texts'

interface Props {
  judged: Judged | undefined
  notes: Note[]
  /** Whether the server has judged what is there now. */
  current: boolean
  /** Whether the tree cannot be written yet. */
  blocked: boolean
  failure: string
  /** Whether the server judges for this person. */
  may: boolean
  go: (node: string) => void
  use: (note: Note) => void
}

export function VerdictPanel(props: Props) {
  const { judged, notes, current, blocked, may } = props
  const texts = useBuilderTexts()
  const { number } = useFormats()
  const [tab, setTab] = useAddress('tab', 'verdict')
  const wrong = notes.filter(({ severity }) => severity === 'error').length
  const known = Object.keys(texts.tabs).includes(tab) ? tab : 'verdict'
  return (
    <section aria-label={texts.tabs.verdict}>
      <div role="status" aria-live="polite">
        <Summary wrong={wrong} current={current} blocked={blocked} judged={judged} may={may} />
      </div>
      {props.failure && (
        <Alert color="red" variant="outline" my="xs">
          {props.failure}
        </Alert>
      )}
      <Tabs
        value={known}
        onChange={(next) => setTab(next ?? 'verdict')}
        mt="xs"
        classNames={{ tab: style.tab }}
      >
        <Tabs.List aria-label={texts.tabs.verdict} mb="sm">
          {Object.entries(texts.tabs).map(([key, label]) => (
            <Tabs.Tab key={key} value={key}>
              {label}
              {key === 'verdict' && notes.length > 0 && (
                <Text span size="xs" c="dimmed" ml={6}>
                  {number(notes.length)}
                </Text>
              )}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="verdict">
          <Notes notes={notes} go={props.go} use={props.use} />
        </Tabs.Panel>
        <Tabs.Panel value="compatibility">
          <Compatible judged={judged} />
        </Tabs.Panel>
        <Tabs.Panel value="columns">
          <Planned columns={judged?.columns ?? []} />
        </Tabs.Panel>
        <Tabs.Panel value="example">
          <Example judged={judged} />
        </Tabs.Panel>
        <Tabs.Panel value="diff">
          <Diff text={judged?.diff ?? ''} />
        </Tabs.Panel>
      </Tabs>
    </section>
  )
}

interface SummaryProps {
  wrong: number
  current: boolean
  blocked: boolean
  judged: Judged | undefined
  may: boolean
}

function Summary({ wrong, current, blocked, judged, may }: SummaryProps) {
  const texts = useBuilderTexts()
  if (wrong > 0) {
    return (
      <Status tone="bad">
        {texts.wrong(wrong)}
        {blocked && ` ${texts.blocked}`}
      </Status>
    )
  }
  if (!may) return <Status tone="quiet">{texts.unjudged}</Status>
  if (!current || !judged) return <Status tone="quiet">{texts.judging}</Status>
  const breaks = judged.compatibility?.allowed === false
  return (
    <Status tone={breaks ? 'warn' : 'good'}>
      {breaks ? texts.breaks(judged.version) : texts.right(judged.version)}
    </Status>
  )
}

function Example({ judged }: { judged: Judged | undefined }) {
  const texts = useBuilderTexts()
  if (!judged?.example) return <Text c="dimmed">{texts.later}</Text>
  return (
    <Stack gap="xs">
      <Text c="dimmed">{texts.exampleText}</Text>
      {judged.example_wrong && (
        <Status tone="warn">{texts.exampleWrong(judged.example_wrong)}</Status>
      )}
      <Code text={JSON.stringify(judged.example, null, 2)} label={texts.tabs.example} />
    </Stack>
  )
}
