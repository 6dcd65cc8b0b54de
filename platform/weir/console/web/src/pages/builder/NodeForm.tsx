/** What a parameter is: its name, kind, meaning, constraints, and what is done to personal data. */
import {
  Checkbox,
  Fieldset,
  Group,
  NativeSelect,
  SimpleGrid,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core'
import type { Dispatch } from 'react'
import { worded } from '../../texts/texts'
import type { Dictionaries } from './api'
import { Constraints } from './Constraints'
import { KINDS, type Json, type Kind, type Node } from './tree/model'
import { changeKind, find, pathOf, update } from './tree/tree'
import type { Action } from './useBuilder'
import { useBuilderTexts } from './texts'

interface Props {
  root: Node
  id: string
  known: Dictionaries
  act: Dispatch<Action>
}

export type Set = (change: (node: Node) => Node, field: string) => void

export function NodeForm({ root, id, known, act }: Props) {
  const texts = useBuilderTexts()
  const place = find(root, id)
  if (!place) return null
  const { node } = place
  const set: Set = (change, field) =>
    act({
      do: 'change',
      doc: (doc) => ({ ...doc, root: update(doc.root, id, change) }),
      of: `${field} ${id}`,
    })
  const whole = place.parent === null
  const path = pathOf(root, id) || texts.tree.unnamed
  return (
    <Fieldset legend={whole ? texts.tree.whole : <code>{path}</code>} variant="default">
      <Stack gap="xs">
        {!whole && (
          <Head node={node} named={place.parent?.kind === 'object'} known={known} set={set} />
        )}
        <Meaning node={node} set={set} whole={whole} />
        <Constraints node={node} known={known} set={set} whole={whole} />
        {!whole && isColumn(root, id) && <Pii node={node} known={known} set={set} />}
      </Stack>
    </Fieldset>
  )
}

interface HeadProps {
  node: Node
  named: boolean
  known: Dictionaries
  set: Set
}

function Head({ node, named, known, set }: HeadProps) {
  const { form } = useBuilderTexts()
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs">
        {named && (
          <TextInput
            label={form.name}
            value={node.name}
            spellCheck={false}
            onChange={({ currentTarget: { value } }) =>
              set((old) => ({ ...old, name: value }), 'name')
            }
          />
        )}
        <KindSelect node={node} known={known} set={set} />
      </SimpleGrid>
      <Flags node={node} named={named} set={set} />
    </>
  )
}

function KindSelect({ node, known, set }: { node: Node; known: Dictionaries; set: Set }) {
  const { form, kinds } = useBuilderTexts()
  return (
    <NativeSelect
      label={form.kind}
      value={node.kind}
      data={KINDS.map((kind) => ({ value: kind, label: kinds[kind] }))}
      onChange={({ currentTarget: { value } }) => {
        const ref = known.fragments[0]?.ref ?? ''
        set((old) => changeKind(old, value as Kind, ref), '')
      }}
    />
  )
}

function Pii({ node, known, set }: { node: Node; known: Dictionaries; set: Set }) {
  const { form, pii } = useBuilderTexts()
  if (node.kind === 'object') return null // what is in it has columns of its own
  return (
    <NativeSelect
      label={form.pii}
      value={node.pii}
      data={[
        { value: '', label: form.notPersonal },
        ...known.pii.map((kind) => ({ value: kind, label: worded(pii, kind) })),
      ]}
      onChange={({ currentTarget: { value } }) => set((old) => ({ ...old, pii: value }), '')}
    />
  )
}

/** What every node but raw JSON can say of itself. */
function Meaning({ node, set, whole }: { node: Node; set: Set; whole: boolean }) {
  const { form } = useBuilderTexts()
  if (node.kind === 'raw') return null
  return (
    <Textarea
      size="xs"
      autosize
      minRows={1}
      maxRows={4}
      label={form.description}
      description={whole ? undefined : form.descriptionText}
      value={said(node.keywords.description)}
      onChange={({ currentTarget: { value } }) => set(keyword('description', value), 'description')}
    />
  )
}

const NULLABLE = new Set<Kind>(['string', 'integer', 'number', 'boolean', 'object', 'array', 'map'])

function Flags({ node, named, set }: { node: Node; named: boolean; set: Set }) {
  const { form } = useBuilderTexts()
  return (
    <Group gap="md">
      {named && (
        <Checkbox
          size="xs"
          label={form.required}
          checked={node.required}
          onChange={({ currentTarget: { checked } }) =>
            set((old) => ({ ...old, required: checked }), '')
          }
        />
      )}
      {NULLABLE.has(node.kind) && (
        <Checkbox
          size="xs"
          label={form.nullable}
          checked={node.nullable}
          onChange={({ currentTarget: { checked } }) =>
            set((old) => ({ ...old, nullable: checked }), '')
          }
        />
      )}
    </Group>
  )
}

/** Sets a keyword; an empty text or `undefined` takes it away. */
export function keyword(name: string, value: unknown): (node: Node) => Node {
  return (node) => {
    const entries = Object.entries(node.keywords)
    const without: Json = Object.fromEntries(entries.filter(([key]) => key !== name))
    const gone = value === '' || value === undefined
    return { ...node, keywords: gone ? without : { ...node.keywords, [name]: value } }
  }
}

export function said(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Whether the node is a column of the log, or parted into columns: only objects are above it. */
function isColumn(root: Node, id: string): boolean {
  const place = find(root, id)
  if (!place?.parent) return place !== null
  return place.parent.kind === 'object' && isColumn(root, place.parent.id)
}
