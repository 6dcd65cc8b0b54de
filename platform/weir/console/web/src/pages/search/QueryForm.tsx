/** The query and its time; what can be written is a click away. */
import { Button, Collapse, Group, Stack, Table, Text, TextInput } from '@mantine/core'
import { useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { Search } from '../../parts/address'
import { viewerZone } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { fromField, toField, useChange } from './wanted'

export function QueryForm({ fields }: { fields: string[] }) {
  const texts = useTexts().search
  const change = useChange()
  const { q = '', from, to }: Search = useSearch({ strict: false })
  const [helped, setHelped] = useState(false)
  return (
    <Stack gap="xs">
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault()
          const typed = new FormData(event.currentTarget).get('q')
          change({ q: typeof typed === 'string' ? typed.trim() || undefined : undefined })
        }}
      >
        <Group gap="xs" align="flex-end">
          <TextInput
            type="search"
            label={texts.query}
            placeholder={texts.queryHint}
            key={q}
            name="q"
            defaultValue={q}
            style={{ flex: '1 1 18rem' }}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            maxLength={2000}
            spellCheck={false}
          />
          <Button type="submit">{texts.submit}</Button>
          <Time name="from" label={texts.from} value={from} />
          <Time name="to" label={texts.to} value={to} />
          {(from ?? to) && (
            <Button variant="default" onClick={() => change({ from: undefined, to: undefined })}>
              {texts.clearTime}
            </Button>
          )}
          <Button
            variant="subtle"
            aria-expanded={helped}
            onClick={() => setHelped((before) => !before)}
          >
            {texts.help}
          </Button>
        </Group>
      </form>
      <Text size="xs" c="dimmed">
        {texts.inZone(viewerZone)}
      </Text>
      <Collapse expanded={helped}>
        <Help fields={fields} />
      </Collapse>
    </Stack>
  )
}

function Time({ name, label, value }: { name: string; label: string; value?: string }) {
  const change = useChange()
  return (
    <TextInput
      type="datetime-local"
      label={label}
      value={toField(value)}
      onChange={(event) => change({ [name]: fromField(event.currentTarget.value) })}
    />
  )
}

const EXAMPLES = {
  words: 'coffee large',
  field: 'event_name:purchase_item_shop',
  range: 'params.quantity:>2',
  phrase: '"out of stock"',
  not: '* NOT platform:ios',
  group: '(platform:ios OR platform:android) AND params.quantity:>2',
  landing: 'landing_hour:[2026-11-20T00:00:00Z TO 2026-11-20T05:00:00Z]',
} as const

function Help({ fields }: { fields: string[] }) {
  const texts = useTexts().search
  return (
    <Stack gap="xs">
      <Table aria-label={texts.help} style={{ maxWidth: '56rem' }}>
        <Table.Tbody>
          {Object.entries(EXAMPLES).map(([key, example]) => (
            <Table.Tr key={key}>
              <Table.Td>
                <code>{example}</code>
              </Table.Td>
              <Table.Td>{texts.helpRows[key as keyof typeof EXAMPLES]}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {fields.length > 0 && <Text size="sm">{texts.fields(fields.join(', '))}</Text>}
    </Stack>
  )
}
