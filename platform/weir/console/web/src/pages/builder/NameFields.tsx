/** A new event's name, put together of an action, an object and a service of the dictionary. */
import { Autocomplete, Button, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import type { Dispatch } from 'react'
import { ICON } from '../../parts/icons'
import type { Dictionaries } from './api'
import { nameOf, type Doc, type Slots } from './document'
import type { Term } from './tree/drafts'
import type { Action } from './useBuilder'
import { useBuilderTexts } from './texts'

const SLOTS = ['action', 'object', 'service'] as const
const TOKEN = /^[a-z][a-z0-9]*$/

interface Props {
  doc: Doc
  known: Dictionaries
  act: Dispatch<Action>
  /** What the server would call it. */
  suggestion: string | null
}

export function NameFields({ doc, known, act, suggestion }: Props) {
  const texts = useBuilderTexts()
  const name = nameOf(doc.slots)
  const fill = (index: number, value: string) =>
    act({
      do: 'change',
      doc: (old) => ({ ...old, slots: filled(old.slots, index, value) }),
      of: `slot ${index}`,
    })
  const setTerms = (terms: Term[]) =>
    act({ do: 'change', doc: (old) => ({ ...old, terms }), of: 'terms' })
  const missing = SLOTS.flatMap((slot, index) => {
    const word = doc.slots[index] ?? ''
    const there = [
      ...(known.words[slot] ?? []),
      ...doc.terms.filter(({ section }) => section === slot),
    ]
    return TOKEN.test(word) && !there.some((term) => term.name === word) ? [{ slot, word }] : []
  })
  return (
    <Stack gap="xs">
      <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="xs">
        {SLOTS.map((slot, index) => (
          <Slot
            key={slot}
            label={texts.slots[slot]}
            value={doc.slots[index] ?? ''}
            words={known.words[slot] ?? []}
            fill={(value) => fill(index, value)}
          />
        ))}
      </SimpleGrid>
      <Group gap="xs">
        <Text size="sm">
          {texts.nameIs} <code>{name || '…'}</code>
        </Text>
        {missing.map(({ slot, word }) => (
          <Button
            key={slot}
            size="compact-xs"
            variant="default"
            leftSection={<IconPlus {...ICON} size={12} />}
            onClick={() => setTerms([...doc.terms, { section: slot, name: word, meaning: '' }])}
          >
            {texts.addWord(word, texts.slots[slot])}
          </Button>
        ))}
        {suggestion && suggestion !== name && missing.length === 0 && (
          <Text size="sm" c="dimmed">
            {texts.meant(suggestion)}
          </Text>
        )}
      </Group>
      {doc.terms.map((term, index) => (
        <Group key={`${term.section} ${term.name}`} gap="xs" align="flex-end" wrap="nowrap">
          <TextInput
            flex={1}
            label={texts.wordMeaning(
              term.name,
              texts.slots[term.section as (typeof SLOTS)[number]],
            )}
            value={term.meaning}
            onChange={({ currentTarget: { value } }) =>
              setTerms(doc.terms.with(index, { ...term, meaning: value }))
            }
          />
          <Button variant="subtle" onClick={() => setTerms(doc.terms.toSpliced(index, 1))}>
            {texts.dropWord}
          </Button>
        </Group>
      ))}
    </Stack>
  )
}

function filled(slots: Slots, index: number, value: string): Slots {
  const parts = value.split('_')
  if (index === 0 && parts.length === 3) return parts as Slots // a whole name was pasted
  return slots.with(index, value.trim()) as Slots
}

interface SlotProps {
  label: string
  value: string
  words: Dictionaries['words'][string]
  fill: (value: string) => void
}

function Slot({ label, value, words, fill }: SlotProps) {
  const about = new Map(words.map((word) => [word.name, word]))
  return (
    <Autocomplete
      size="xs"
      label={label}
      value={value}
      onChange={fill}
      data={[...about.keys()]}
      spellCheck={false}
      selectFirstOptionOnChange={false}
      limit={50}
      filter={({ options, search }) => {
        const typed = search.trim().toLowerCase()
        return options.filter((option) => {
          const word = 'value' in option ? about.get(option.value) : undefined
          const text = word && [word.name, word.meaning, ...word.synonyms].join(' ')
          return !typed || text?.toLowerCase().includes(typed)
        })
      }}
      renderOption={({ option }) => (
        <div>
          <code>{option.value}</code>
          <Text size="xs" c="dimmed">
            {about.get(option.value)?.meaning}
          </Text>
        </div>
      )}
    />
  )
}
