/** The editor of one event: its name and meaning, its parameters, and the verdict beside them. */
import { Button, Group, Stack, Text } from '@mantine/core'
import { IconDeviceFloppy } from '@tabler/icons-react'
import { useEffect, useEffectEvent, useMemo, useState, type Dispatch } from 'react'
import { useLost } from '../../api/connection'
import type { Role } from '../../api/types'
import { ICON } from '../../parts/icons'
import { isAllowed } from '../../parts/may'
import { Page } from '../../parts/Page'
import { useTexts } from '../../texts/texts'
import type { Dictionaries, Saved } from './api'
import { isEdited, nameOf, slotsOf, wantedOf, type Doc, type Origin } from './document'
import { EventFields } from './EventFields'
import { NameFields } from './NameFields'
import { NodeForm } from './NodeForm'
import { notesOf, worst, type Note } from './notes'
import { SaveDialog } from './SaveDialog'
import { SavedAlert, WaitingAlert } from './SavedAlert'
import { faults } from './tree/checks'
import { update } from './tree/tree'
import { TreeEditor } from './TreeEditor'
import { useBuilder, type Action } from './useBuilder'
import { useKept } from './useKept'
import { useVerdict } from './useVerdict'
import { VerdictPanel } from './VerdictPanel'
import style from './Verdict.module.css'
import { useBuilderTexts } from './texts'

interface Props {
  /** What an edit begins from, and what is compared with. */
  start: Doc
  /** What is edited: `start`, or a draft of it. */
  doc: Doc
  origin: Origin
  known: Dictionaries
  role: Role
  made: Saved | undefined
  saved: (saved: Saved) => void
}

export function Builder({ start, doc: first, origin, known, role, made, saved }: Props) {
  const texts = useBuilderTexts()
  const { shell } = useTexts()
  const [state, act] = useBuilder(first)
  const [saving, setSaving] = useState(false)
  const doc = state.history.now
  const may = isAllowed(role, 'editor')
  const edit = useEdit(doc, origin, start, known, may)
  const { name, edited, judged, notes } = edit
  const ready = useReady(edit, may && isWorthSaving(edited, origin))
  useKept(doc, origin, edited)
  useShortcuts(act, saving, () => ready && setSaving(true))
  const go = (node: string) => act({ do: 'at', id: node, focus: true })
  const use = (note: Note) => act({ do: 'change', doc: (old) => taken(old, note) })
  return (
    <Page
      {...(origin.name
        ? { title: texts.editTitle(origin.name) }
        : { title: texts.newTitle, lead: texts.newLead })}
      trail={[{ label: shell.pages.events, to: '/events' }]}
      actions={<Actions edited={edited} ready={ready} save={() => setSaving(true)} />}
    >
      {!may && <Text c="dimmed">{texts.mayNot}</Text>}
      {!edited && <Standing made={made} branch={origin.branch} name={name} />}
      <div className={style.layout}>
        <Stack gap="md">
          {!origin.name && (
            <NameFields doc={doc} known={known} act={act} suggestion={edit.suggestion} />
          )}
          <EventFields doc={doc} known={known} act={act} />
          <TreeEditor state={state} act={act} worst={worst(notes)} />
          <NodeForm root={doc.root} id={state.at} known={known} act={act} />
        </Stack>
        <div className={style.side}>
          {edit.begun ? (
            <VerdictPanel {...edit} may={may} go={go} use={use} />
          ) : (
            <Text c="dimmed">{texts.begin}</Text>
          )}
        </div>
      </div>
      {saving && judged && (
        <SaveDialog
          wanted={edit.wanted}
          judged={judged}
          known={known}
          close={() => setSaving(false)}
          saved={saved}
        />
      )}
    </Page>
  )
}

interface StandingProps {
  made: Saved | undefined
  branch: string
  name: string
}

/** Where what is shown was saved, now or earlier. */
function Standing({ made, ...where }: StandingProps) {
  if (made) return <SavedAlert saved={made} name={where.name} />
  return where.branch ? <WaitingAlert {...where} /> : null
}

interface ActionsProps {
  edited: boolean
  ready: boolean
  save: () => void
}

function Actions({ edited, ready, save }: ActionsProps) {
  const texts = useBuilderTexts()
  return (
    <Group gap="xs">
      <Text size="sm" c="dimmed" role="status">
        {edited ? texts.kept : texts.unchanged}
      </Text>
      <Button leftSection={<IconDeviceFloppy {...ICON} />} disabled={!ready} onClick={save}>
        {texts.save.open}
      </Button>
    </Group>
  )
}

/** What follows from what is edited: whether it differs, what is wrong with it, what the server says. */
function useEdit(doc: Doc, origin: Origin, start: Doc, known: Dictionaries, may: boolean) {
  const texts = useBuilderTexts()
  const name = origin.name ?? nameOf(doc.slots)
  const edited = useMemo(() => isEdited(doc, origin, start), [doc, origin, start])
  const own = useMemo(() => faults(name, doc.root, known), [name, doc.root, known])
  const wanted = useMemo(() => wantedOf(doc, origin), [doc, origin])
  const blocked = own.some(({ blocks }) => blocks)
  const begun = edited || origin.name !== undefined
  const said = useVerdict(may && begun && !blocked ? wanted : null)
  const notes = begun ? notesOf(own, said.judged, said.current, doc.root, texts) : []
  const suggestion = said.judged?.suggestion ?? null
  return { name, edited, wanted, blocked, begun, notes, suggestion, ...said }
}

/** A draft can be activated as it is. */
function isWorthSaving(edited: boolean, { name, draft }: Origin): boolean {
  return edited || (name !== undefined && draft)
}

function useReady({ current, judged }: ReturnType<typeof useEdit>, may: boolean): boolean {
  const lost = useLost()
  return may && current && judged?.ok === true && !lost
}

function useShortcuts(act: Dispatch<Action>, still: boolean, save: () => void): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (still || !(event.ctrlKey || event.metaKey)) return
    const key = event.shiftKey ? `shift ${event.key.toLowerCase()}` : event.key
    const done: Partial<Record<string, () => void>> = {
      z: () => act({ do: 'undo' }),
      y: () => act({ do: 'redo' }),
      'shift z': () => act({ do: 'redo' }),
      s: save,
    }
    if (!done[key]) return
    event.preventDefault()
    done[key]()
  })
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event)
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
}

/** The event with the name that a note suggests, of a parameter or of itself. */
function taken(doc: Doc, { node: id, suggestion }: Note): Doc {
  const word = suggestion ?? ''
  if (!id) return { ...doc, slots: slotsOf(word) }
  return { ...doc, root: update(doc.root, id, (node) => ({ ...node, name: word })) }
}
