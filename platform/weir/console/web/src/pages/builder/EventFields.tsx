/** What an event is: when it is sent, who owns it, and how it is kept. */
import { Autocomplete, NativeSelect, SimpleGrid, Stack, Textarea, TextInput } from '@mantine/core'
import { useState, type Dispatch } from 'react'
import { useTexts, worded } from '../../texts/texts'
import type { Dictionaries } from './api'
import type { Doc } from './document'
import { said } from './NodeForm'
import { textOf, valueOf } from './tree/values'
import type { Action } from './useBuilder'
import { useBuilderTexts } from './texts'

interface Props {
  doc: Doc
  known: Dictionaries
  act: Dispatch<Action>
}

export function EventFields({ doc, known, act }: Props) {
  const texts = useBuilderTexts()
  const { parts, events } = useTexts()
  const { envelope } = doc
  const put = (key: string, value: unknown) =>
    act({
      do: 'change',
      doc: (old) => ({ ...old, envelope: { ...old.envelope, [key]: value } }),
      of: `event ${key}`,
    })
  const words = (values: string[], said: Record<string, string>) =>
    values.map((value) => ({ value, label: worded(said, value) }))
  return (
    <Stack gap="xs">
      <Textarea
        size="xs"
        autosize
        minRows={1}
        maxRows={4}
        label={texts.event.description}
        description={texts.event.descriptionText}
        value={said(envelope.description)}
        onChange={({ currentTarget: { value } }) => put('description', value)}
      />
      <SimpleGrid cols={{ base: 2, sm: 3 }} spacing="xs" verticalSpacing="xs">
        <Autocomplete
          size="xs"
          label={texts.event.owner}
          value={said(envelope.owner)}
          data={known.event_owners}
          onChange={(value) => put('owner', value)}
        />
        <Autocomplete
          size="xs"
          label={texts.event.domain}
          value={said(envelope.domain)}
          data={known.domains}
          onChange={(value) => put('domain', value)}
        />
        <NativeSelect
          label={texts.event.tier}
          value={said(envelope.tier)}
          data={words(known.tiers, parts.tiers)}
          onChange={({ currentTarget: { value } }) => put('tier', value)}
        />
        <NativeSelect
          label={texts.event.policy}
          value={said(envelope.policy) || 'quarantine'}
          data={words(known.policies, events.policies)}
          onChange={({ currentTarget: { value } }) => put('policy', value)}
        />
        <NativeSelect
          label={texts.event.mode}
          value={said(envelope.compatibility) || 'backward'}
          data={words(known.modes, texts.modes)}
          onChange={({ currentTarget: { value } }) => put('compatibility', value)}
        />
        <Share value={envelope.sampling} put={(value) => put('sampling', value)} />
      </SimpleGrid>
    </Stack>
  )
}

function Share({ value, put }: { value: unknown; put: (value: unknown) => void }) {
  const { event } = useBuilderTexts()
  const [typed, setTyped] = useState(textOf(value))
  const shown = (valueOf(typed, 'number') ?? '') === value ? typed : textOf(value)
  return (
    <TextInput
      label={event.sampling}
      value={shown}
      inputMode="decimal"
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value)
        put(valueOf(currentTarget.value, 'number') ?? '')
      }}
    />
  )
}
