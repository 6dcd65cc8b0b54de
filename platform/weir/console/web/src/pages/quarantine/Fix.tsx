/** Mend, try, replay: what would be valid now is counted before anything lands. */
import { Button, Group, NativeSelect, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { event as askEvent } from '../../api/queries'
import { dryRun, startReplay, type Chosen, type DryRun } from '../../api/quarantine'
import { Failure } from '../../parts/Failure'
import { useMay } from '../../parts/may'
import { Sure } from '../../parts/Sure'
import { useTexts } from '../../texts/texts'
import { Progress } from './Progress'
import sheet from '../../parts/Sheet.module.css'
import style from './Quarantine.module.css'
import { Staying } from './Staying'

export function Fix({ chosen, event }: { chosen: Chosen; event: string | null }) {
  const { fix } = useTexts().quarantine
  const may = useMay('editor')
  const [version, setVersion] = useState<number | null>(null)
  const tried = useMutation({ mutationFn: () => dryRun(chosen, version) })
  const replayed = useMutation({ mutationFn: () => startReplay(chosen, version) })
  const choose = (number: number | null) => {
    setVersion(number)
    tried.reset()
  }
  const failure = tried.error ?? replayed.error
  return (
    <section aria-labelledby="fix" className={`${sheet.sheet} ${style.card}`}>
      <Stack gap="sm">
        <Title order={2} id="fix">
          {fix.title}
        </Title>
        <Ways event={event} />
        <Group align="flex-end" gap="sm">
          {event && <Version event={event} version={version} choose={choose} />}
          <Button
            variant={tried.data ? 'default' : 'filled'}
            disabled={!may}
            loading={tried.isPending}
            onClick={() => {
              replayed.reset()
              tried.mutate()
            }}
          >
            {fix.dryRun}
          </Button>
        </Group>
        {!may && (
          <Text size="sm" c="dimmed">
            {fix.dryRunNeeds}
          </Text>
        )}
        {failure && <Failure error={failure} />}
        {tried.data && !replayed.data && (
          <Tried result={tried.data} replay={() => replayed.mutate()} busy={replayed.isPending} />
        )}
        {replayed.data && <Progress begun={replayed.data} />}
      </Stack>
    </section>
  )
}

/** What can be done about them. */
function Ways({ event }: { event: string | null }) {
  const { fix } = useTexts().quarantine
  const may = useMay('editor')
  return (
    <ul className={style.list}>
      <li>
        {fix.schema}
        {event && may && (
          <div>
            <Link to="/events/$name/edit" params={{ name: event }}>
              {fix.edit(event)}
            </Link>
          </div>
        )}
      </li>
      <li>{fix.sender}</li>
    </ul>
  )
}

interface VersionProps {
  event: string
  version: number | null
  choose: (version: number | null) => void
}

function Version({ event, version, choose }: VersionProps) {
  const { fix } = useTexts().quarantine
  const query = useQuery({ ...askEvent(event), retry: false })
  const numbers = query.data?.versions.filter(({ draft }) => !draft).map(({ number }) => number)
  if (!numbers?.length) return null
  return (
    <NativeSelect
      label={fix.version}
      description={fix.versionHint}
      value={version ?? ''}
      onChange={({ currentTarget: { value } }) => choose(value ? Number(value) : null)}
      data={[
        { value: '', label: fix.own },
        ...numbers.map((number) => ({ value: String(number), label: fix.number(number) })),
      ]}
    />
  )
}

interface TriedProps {
  result: DryRun
  replay: () => void
  busy: boolean
}

function Tried({ result, replay, busy }: TriedProps) {
  const { fix } = useTexts().quarantine
  const may = useMay('operator')
  const all = result.total > result.looked_at
  const expected = all ? result.total : result.valid
  return (
    <Stack gap="xs" role="status">
      <Text fw={600}>{fix.valid(result.valid, result.looked_at)}</Text>
      {all && <Text size="sm">{fix.first(result.looked_at, result.total)}</Text>}
      {result.valid === 0 && <Text>{fix.nothingValid}</Text>}
      <Staying report={result} title={fix.stay(result.looked_at - result.valid)} />
      {result.valid > 0 && (
        <Group gap="sm">
          <Sure
            label={fix.replay(expected)}
            title={fix.sureTitle}
            text={fix.sure(expected)}
            yes={fix.yes}
            act={replay}
            disabled={!may}
            busy={busy}
          />
          {!may && (
            <Text size="sm" c="dimmed">
              {fix.replayNeeds}
            </Text>
          )}
        </Group>
      )}
    </Stack>
  )
}
