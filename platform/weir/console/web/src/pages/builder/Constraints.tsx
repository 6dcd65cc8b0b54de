/** The limits of a value, by its kind; raw JSON and the fragment that is named, too. */
import {
  Button,
  Checkbox,
  NativeSelect,
  SimpleGrid,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useState } from 'react'
import type { Dictionaries } from './api'
import { keyword, said, type Set } from './NodeForm'
import { listOf, textOf, valueOf } from './tree/values'
import type { Node } from './tree/model'
import { CONSTRAINTS } from './tree/tree'
import { useBuilderTexts } from './texts'

interface Props {
  node: Node
  known: Dictionaries
  set: Set
  /** Whether it is what holds all parameters. */
  whole?: boolean
}

export function Constraints({ node, known, set, whole = false }: Props) {
  if (node.kind === 'raw') return <Raw key={node.id} node={node} set={set} />
  if (node.kind === 'fragment') return <Fragment node={node} known={known} set={set} />
  if (node.kind === 'union') return <Alternatives node={node} set={set} />
  return (
    <Limits key={`${node.id} ${node.kind}`} node={node} known={known} set={set} whole={whole} />
  )
}

/** Limits that few values need: behind a button until one is there. */
const RARE = new Set([
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'const',
  'minProperties',
  'maxProperties',
  'examples',
])

function Limits({ node, known, set, whole }: Props) {
  const { form } = useBuilderTexts()
  const [all, setAll] = useState(false)
  const every = [...(CONSTRAINTS[node.kind] ?? []), 'examples']
  const names = every.filter(
    (name) => all || !RARE.has(name) || name in node.keywords || (whole && name === 'examples'),
  )
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 3 }} spacing="xs" verticalSpacing="xs">
        {names
          .filter((name) => name !== 'examples')
          .map((name) => (
            <Constraint
              key={`${node.id} ${name}`}
              name={name}
              node={node}
              known={known}
              set={set}
            />
          ))}
      </SimpleGrid>
      {names.includes('examples') && <Examples node={node} set={set} />}
      {names.length < every.length && (
        <Button variant="subtle" style={{ alignSelf: 'flex-start' }} onClick={() => setAll(true)}>
          {form.more}
        </Button>
      )}
    </>
  )
}

function Constraint({ name, node, known, set }: Props & { name: string }) {
  const { constraints, form } = useBuilderTexts()
  const label = constraints[name as keyof typeof constraints]
  const value = node.keywords[name]
  const put = (next: unknown) => set(keyword(name, next), name)
  if (name === 'format') {
    return (
      <NativeSelect
        label={label}
        value={said(value)}
        data={['', ...known.formats]}
        onChange={({ currentTarget }) => put(currentTarget.value)}
      />
    )
  }
  if (name === 'additionalProperties') {
    const open = value === undefined ? '' : value ? 'yes' : 'no'
    return (
      <NativeSelect
        label={label}
        value={open}
        data={[
          { value: '', label: form.unsaid },
          { value: 'yes', label: form.allowed },
          { value: 'no', label: form.forbidden },
        ]}
        onChange={({ currentTarget: { value: next } }) => put(next ? next === 'yes' : undefined)}
      />
    )
  }
  if (name === 'uniqueItems') {
    return (
      <Checkbox
        size="xs"
        mt="1.5rem"
        label={label}
        checked={value === true}
        onChange={({ currentTarget }) => put(currentTarget.checked || undefined)}
      />
    )
  }
  if (name === 'enum') return <Values label={label} node={node} put={put} />
  return <Single label={label} name={name} node={node} put={put} />
}

interface FieldProps {
  label: string
  node: Node
  put: (value: unknown) => void
}

/** One value. What is typed stays as it is typed, and becomes a value as far as it is one. */
function Single({ label, name, node, put }: FieldProps & { name: string }) {
  const value = node.keywords[name]
  const numeric = !['pattern', 'const'].includes(name)
  const kind = numeric ? 'number' : name === 'pattern' ? 'string' : node.kind
  const [typed, setTyped] = useState(textOf(value))
  const shown = valueOf(typed, kind) === value ? typed : textOf(value)
  return (
    <TextInput
      label={label}
      value={shown}
      inputMode={numeric ? 'decimal' : undefined}
      spellCheck={false}
      error={shown !== '' && valueOf(shown, kind) === undefined}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value)
        put(valueOf(currentTarget.value, kind))
      }}
    />
  )
}

function Values({ label, node, put }: FieldProps) {
  const value = node.keywords.enum
  const lines = Array.isArray(value) ? value.map(textOf).join('\n') : ''
  const [typed, setTyped] = useState(lines)
  const same = JSON.stringify(listOf(typed, node.kind)) === JSON.stringify(value)
  return (
    <Textarea
      size="xs"
      autosize
      minRows={1}
      maxRows={6}
      label={label}
      value={same ? typed : lines}
      spellCheck={false}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value)
        put(listOf(currentTarget.value, node.kind))
      }}
    />
  )
}

function Fragment({ node, known, set }: Props) {
  const { form } = useBuilderTexts()
  const ref = said(node.keywords.$ref)
  const refs = known.fragments.map((fragment) => fragment.ref)
  const about = known.fragments.find((fragment) => fragment.ref === ref)?.description
  if (refs.length === 0 && !ref) return <Text c="dimmed">{form.noFragments}</Text>
  return (
    <NativeSelect
      label={form.fragment}
      description={about}
      value={ref}
      data={refs.includes(ref) ? refs : [ref, ...refs]}
      onChange={({ currentTarget }) => set(keyword('$ref', currentTarget.value), '')}
    />
  )
}

function Alternatives({ node, set }: Pick<Props, 'node' | 'set'>) {
  const { form } = useBuilderTexts()
  return (
    <NativeSelect
      label={form.union}
      value={node.form.union}
      data={[
        { value: 'oneOf', label: form.oneOf },
        { value: 'anyOf', label: form.anyOf },
      ]}
      onChange={({ currentTarget: { value } }) => {
        const union = value === 'anyOf' ? 'anyOf' : 'oneOf'
        set((old) => ({ ...old, form: { ...old.form, union } }), '')
      }}
    />
  )
}

/** Values that are valid, as a JSON list. What is typed counts from when it is one. */
function Examples({ node, set }: Pick<Props, 'node' | 'set'>) {
  const { form } = useBuilderTexts()
  const value = node.keywords.examples
  const written = value === undefined ? '' : JSON.stringify(value, null, 2)
  const [typed, setTyped] = useState(written)
  const found = parsed(typed)
  const same = typed.trim() === '' ? value === undefined : isSame(found?.raw, value)
  const wrong = typed.trim() !== '' && !Array.isArray(found?.raw)
  return (
    <Textarea
      size="xs"
      autosize
      minRows={1}
      maxRows={10}
      label={form.examples}
      description={form.examplesText}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      value={same || wrong ? typed : written}
      error={wrong}
      onChange={({ currentTarget: { value: text } }) => {
        setTyped(text)
        const list = parsed(text)?.raw
        if (text.trim() === '') set(keyword('examples', undefined), 'examples')
        else if (Array.isArray(list)) set(keyword('examples', list), 'examples')
      }}
    />
  )
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** JSON Schema as text; while it is none, what is typed is kept and the tree cannot be saved. */
function Raw({ node, set }: Pick<Props, 'node' | 'set'>) {
  const { form, faults } = useBuilderTexts()
  const [typed, setTyped] = useState(() => JSON.stringify(node.raw, null, 2))
  const valid = parsed(typed)
  const kept =
    node.text === typed || (valid && JSON.stringify(valid.raw) === JSON.stringify(node.raw))
  const shown = kept ? typed : (node.text ?? JSON.stringify(node.raw, null, 2))
  return (
    <Textarea
      size="xs"
      autosize
      minRows={4}
      maxRows={16}
      label={form.raw}
      description={form.rawText}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      value={shown}
      error={node.text === undefined ? undefined : faults.json(node.name)}
      onChange={({ currentTarget: { value } }) => {
        setTyped(value)
        set((old) => typedRaw(old, value), 'raw')
      }}
    />
  )
}

function typedRaw(node: Node, text: string): Node {
  const found = parsed(text)
  return found ? { ...node, raw: found.raw, text: undefined } : { ...node, text }
}

function parsed(text: string): { raw: unknown } | null {
  try {
    return { raw: JSON.parse(text) as unknown }
  } catch {
    return null
  }
}
