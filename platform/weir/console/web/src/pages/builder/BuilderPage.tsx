/** The builder's pages: a new event, and an event that exists. A draft that is found is asked about first. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { session } from '../../api/queries'
import type { Role } from '../../api/types'
import { useAddress } from '../../parts/address'
import { Asked } from '../../parts/Asked'
import { Page } from '../../parts/Page'
import { When } from '../../parts/When'
import { useTexts } from '../../texts/texts'
import { dictionaries, opened, savedKey, type Dictionaries, type Document, type Saved } from './api'
import { Builder } from './Builder'
import { docOf, emptyDoc, NEW, originOf, type Doc, type Origin } from './document'
import { draftKey, draftOf, dropDraft, type Draft } from './tree/drafts'
import { useBuilderTexts } from './texts'

export function NewEventPage() {
  const texts = useBuilderTexts()
  const { shell } = useTexts()
  const known = useQuery(dictionaries(''))
  const person = useQuery(session).data?.person
  if (!known.data || !person) {
    return (
      <Page title={texts.newTitle} trail={[{ label: shell.pages.events, to: '/events' }]}>
        <Asked query={known}>{() => null}</Asked>
      </Page>
    )
  }
  const owner = person.name.includes('@') ? person.name : ''
  return <Chosen known={known.data} owner={owner} role={person.role} />
}

export function EditEventPage() {
  const texts = useBuilderTexts()
  const { shell } = useTexts()
  const { name } = useParams({ from: '/events/$name/edit' })
  const [branch] = useAddress('branch')
  const known = useQuery(dictionaries(branch))
  const found = useQuery(opened(name, branch))
  const person = useQuery(session).data?.person
  if (!known.data || !found.data || !person) {
    return (
      <Page title={texts.editTitle(name)} trail={[{ label: shell.pages.events, to: '/events' }]}>
        <Asked query={found}>{() => <Asked query={known}>{() => null}</Asked>}</Asked>
      </Page>
    )
  }
  return (
    <Chosen key={found.dataUpdatedAt} known={known.data} found={found.data} role={person.role} />
  )
}

interface ChosenProps {
  known: Dictionaries
  found?: Document
  owner?: string
  role: Role
}

function Chosen({ known, found, owner = '', role }: ChosenProps) {
  const [origin] = useState<Origin>(() => (found ? originOf(found) : NEW))
  const [start] = useState<Doc>(() => (found ? docOf(found) : emptyDoc(owner)))
  const key = draftKey(origin.name, origin.branch)
  const [draft, setDraft] = useState(() => draftOf(key))
  const [chosen, choose] = useState<Draft | null>(null)
  const { made, saved } = useSaved(origin)
  const doc = useMemo(() => (chosen ? docOf(chosen, chosen.terms) : start), [chosen, start])
  if (draft) {
    return (
      <Kept
        draft={draft}
        origin={origin}
        restore={() => {
          choose(draft)
          setDraft(null)
        }}
        discard={() => {
          dropDraft(key)
          setDraft(null)
        }}
      />
    )
  }
  const from = chosen ? { ...origin, read: chosen.read } : origin
  return (
    <Builder
      start={start}
      doc={doc}
      origin={from}
      known={known}
      role={role}
      made={made}
      saved={saved}
    />
  )
}

/** What was saved last; and what becomes of a save: its branch is edited on. */
function useSaved(origin: Origin) {
  const cache = useQueryClient()
  const navigate = useNavigate()
  const made = cache.getQueryData<Saved>(savedKey(origin.name ?? '', origin.branch))
  const saved = (done: Saved) => {
    const { document } = done
    dropDraft(draftKey(origin.name, origin.branch))
    if (!document) return
    const { name, branch } = document
    cache.setQueryData(savedKey(name, branch), done)
    cache.setQueryData(opened(name, branch).queryKey, document)
    void cache.invalidateQueries({ queryKey: ['builder', 'dictionaries'] })
    void cache.invalidateQueries({ queryKey: ['event'] })
    void cache.invalidateQueries({ queryKey: ['events'] })
    const search = branch ? { branch } : {}
    void navigate({ to: '/events/$name/edit', params: { name }, search, replace: true })
  }
  return { made, saved }
}

interface KeptProps {
  draft: Draft
  origin: Origin
  restore: () => void
  discard: () => void
}

function Kept({ draft, origin, restore, discard }: KeptProps) {
  const texts = useBuilderTexts()
  const { shell } = useTexts()
  const title = origin.name ? texts.editTitle(origin.name) : texts.newTitle
  const same = JSON.stringify(draft.read) === JSON.stringify(origin.read)
  return (
    <Page title={title} trail={[{ label: shell.pages.events, to: '/events' }]}>
      <Alert variant="outline" title={texts.draft.title}>
        <Stack gap="xs" align="flex-start">
          <Text size="sm">
            {texts.draft.text} <When at={draft.at} />
          </Text>
          {!same && <Text size="sm">{texts.draft.changed}</Text>}
          <Group gap="xs">
            <Button onClick={restore}>{texts.draft.restore}</Button>
            <Button variant="default" onClick={discard}>
              {texts.draft.discard}
            </Button>
          </Group>
        </Stack>
      </Alert>
    </Page>
  )
}
