/** What arrives at the collector, with its verdict, the moment it is there. */
import { Button, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { useState } from 'react'
import { useAddress, useTyped } from '../../parts/address'
import { Failure } from '../../parts/Failure'
import { Status, type Tone } from '../../parts/Status'
import { useTexts } from '../../texts/texts'
import { TailRow } from './TailRow'
import sheet from '../../parts/Sheet.module.css'
import style from './Tester.module.css'
import { useTail, type TailState } from './useTail'

const TONES: Record<TailState['connection'], Tone> = {
  connecting: 'quiet',
  live: 'good',
  lost: 'warn',
  ended: 'bad',
}
const FILTERED = ['accepted', 'flagged', 'quarantined', 'rejected'] as const

export function Tail({ edit }: { edit: (sent: unknown) => void }) {
  const { tail } = useTexts().tester
  const query = useFilter()
  const [state, act] = useTail(query)
  const [open, setOpen] = useState<number | null>(null)
  return (
    <section aria-labelledby="tail">
      <Stack gap="sm">
        <Group gap="sm" justify="space-between">
          <Group gap="sm">
            <Title order={2} id="tail">
              {tail.title}
            </Title>
            <Status tone={TONES[state.connection]}>{tail[state.connection]}</Status>
          </Group>
          <Group gap="xs">
            <Button
              variant="default"
              aria-pressed={state.paused}
              onClick={() => act({ do: 'pause' })}
            >
              {state.paused ? tail.resume : tail.pause}
              {state.held.length > 0 && ` (${tail.paused(state.held.length)})`}
            </Button>
            <Button variant="default" onClick={() => act({ do: 'clear' })}>
              {tail.clear}
            </Button>
          </Group>
        </Group>
        <Filters />
        {state.error && <Failure error={state.error} />}
        {state.leftOut > 0 && (
          <Text size="sm" c="dimmed">
            {tail.leftOut(state.leftOut)}
          </Text>
        )}
        {state.items.length === 0 ? (
          <div>
            <Text fw={600}>{tail.nothing}</Text>
            <Text c="dimmed">{tail.nothingText}</Text>
          </div>
        ) : (
          <ol className={sheet.list} aria-label={tail.label}>
            {state.items.map((item) => (
              <TailRow
                key={item.key}
                item={item}
                open={open === item.key}
                toggle={() => setOpen(open === item.key ? null : item.key)}
                edit={edit}
              />
            ))}
          </ol>
        )}
      </Stack>
    </section>
  )
}

/** The filters as the server takes them. */
function useFilter(): string {
  const [name] = useAddress('name')
  const [user] = useAddress('user')
  const [text] = useAddress('text')
  const [verdict] = useAddress('verdict')
  const given = Object.entries({ event: name, user, text, verdict }).filter(([, value]) => value)
  return new URLSearchParams(given).toString()
}

function Filters() {
  const { tail, verdicts } = useTexts().tester
  const [verdict, setVerdict] = useAddress('verdict')
  return (
    <div className={style.filters}>
      <Typed name="name" label={tail.event} />
      <NativeSelect
        label={tail.verdict}
        value={verdict}
        onChange={(event) => setVerdict(event.currentTarget.value)}
        data={[
          { value: '', label: tail.any },
          ...FILTERED.map((value) => ({ value, label: verdicts[value] })),
        ]}
      />
      <Typed name="user" label={tail.user} />
      <Typed name="text" label={tail.text} />
    </div>
  )
}

function Typed({ name, label }: { name: string; label: string }) {
  const [value, type] = useTyped(name)
  return (
    <TextInput label={label} value={value} onChange={(event) => type(event.currentTarget.value)} />
  )
}
