/** The audit log: filters in the address, one entry with all that is known of it, a check of the chain. */
import { Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { audit as ask, verification, type AuditFilter } from '../../api/recovery'
import { useAddress, useTyped } from '../../parts/address'
import { AddressSelect } from '../../parts/AddressSelect'
import { Asked } from '../../parts/Asked'
import { Code } from '../../parts/Code'
import { Failure } from '../../parts/Failure'
import { ICON } from '../../parts/icons'
import { Page } from '../../parts/Page'
import { Status } from '../../parts/Status'
import { useTexts } from '../../texts/texts'
import { Entries } from './Entries'
import { EntryWindow } from './EntryWindow'

export function AuditPage() {
  const texts = useTexts().audit
  const check = useQuery(verification)
  return (
    <Page
      title={texts.title}
      lead={texts.lead}
      actions={
        <Button
          variant="default"
          leftSection={<IconShieldCheck {...ICON} />}
          loading={check.isFetching}
          onClick={() => void check.refetch()}
        >
          {texts.verify}
        </Button>
      }
    >
      {check.error && <Failure error={check.error} />}
      {check.data && <Verified found={check.data} />}
      <Log />
      <EntryWindow />
    </Page>
  )
}

function Log() {
  const texts = useTexts().audit
  const [action, setAction] = useAddress('action')
  const [who, setWho] = useTyped('who')
  const [about, setAbout] = useTyped('about')
  const [result] = useAddress('result')
  const [since, setSince] = useAddress('since')
  const [until, setUntil] = useAddress('until')
  const [before, setBefore] = useAddress('before')
  const filter: AuditFilter = {
    action, who, about, since, until,
    result: result as AuditFilter['result'],
    before: Number(before) || 0,
  } // prettier-ignore
  const query = useQuery({ ...ask(filter), placeholderData: (found) => found })
  const { ok, refused, failed, open } = texts.results
  const actions = Object.keys(query.data?.actions ?? {})
  const kinds = [
    ...new Set(
      actions.filter((name) => name.includes('.')).map((name) => `${name.split('.')[0] ?? ''}.*`),
    ),
  ]
  return (
    <Stack gap="md">
      <Group gap="xs" align="flex-end">
        <NativeSelect
          aria-label={texts.action}
          value={action}
          onChange={(event) => setAction(event.currentTarget.value)}
          data={[{ value: '', label: `${texts.action}: ${texts.any}` }, ...kinds, ...actions]}
        />
        <TextInput
          aria-label={texts.who}
          placeholder={texts.who}
          value={who}
          onChange={(event) => setWho(event.currentTarget.value)}
        />
        <TextInput
          data-filter
          aria-label={`${texts.about}: ${texts.aboutHint}`}
          placeholder={texts.aboutHint}
          value={about}
          onChange={(event) => setAbout(event.currentTarget.value)}
        />
        <AddressSelect
          name="result"
          label={texts.result}
          any={texts.any}
          values={{ ok, refused, failed, open }}
        />
        <TextInput
          type="date"
          label={texts.since}
          value={since}
          onChange={(event) => setSince(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          label={texts.until}
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
      </Group>
      <Asked query={query}>
        {({ entries, more }) => (
          <Stack gap="md">
            <Entries entries={entries} />
            <Group gap="xs">
              {before && (
                <Button variant="default" onClick={() => setBefore('')}>
                  {texts.newest}
                </Button>
              )}
              {more && (
                <Button variant="default" onClick={() => setBefore(String(entries.at(-1)?.id))}>
                  {texts.older}
                </Button>
              )}
            </Group>
          </Stack>
        )}
      </Asked>
    </Stack>
  )
}

interface VerifiedProps {
  found: { ok: boolean; entries: number; head: string; problems: string[] }
}

function Verified({ found }: VerifiedProps) {
  const texts = useTexts().audit
  return (
    <Stack gap="xs" role="status">
      <Status tone={found.ok ? 'good' : 'bad'}>
        {found.ok ? texts.sound(found.entries) : texts.broken}
      </Status>
      {found.problems.map((problem) => (
        <Text key={problem}>{problem}</Text>
      ))}
      {found.ok && (
        <>
          <Text size="sm" c="dimmed">
            {texts.head}
          </Text>
          <Code command text={found.head} label={texts.head} />
        </>
      )}
    </Stack>
  )
}
