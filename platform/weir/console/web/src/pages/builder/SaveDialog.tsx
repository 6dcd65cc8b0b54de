/** Saving: the words of the commit, whether it may be sent, what changes; then conflicts, or what was made. */
import { Button, Checkbox, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Refused } from '../../api/errors'
import { Failure } from '../../parts/Failure'
import {
  saveEvent,
  type Conflict,
  type Dictionaries,
  type Judged,
  type Saved,
  type Wanted,
} from './api'
import { Conflicts, type Sides } from './Conflicts'
import { Diff } from './Diff'
import style from './Verdict.module.css'
import { useBuilderTexts } from './texts'

interface Props {
  wanted: Wanted
  judged: Judged
  known: Dictionaries
  close: () => void
  saved: (saved: Saved) => void
}

const PLAIN: Order = { message: '', activate: false, breaking: '', push: false }

export function SaveDialog({ wanted, judged, known, close, saved }: Props) {
  const texts = useBuilderTexts()
  const [order, setOrder] = useState<Order>(PLAIN)
  const [sides, setSides] = useState<Sides>({})
  const set = (change: Partial<Order>) => setOrder((now) => ({ ...now, ...change }))
  const save = useMutation({
    mutationFn: () => saveEvent({ ...wanted, ...order, resolutions: sides, dry_run: false }),
    onSuccess: saved,
  })
  const conflicts = conflictsOf(save.error)
  const breaks = judged.compatibility?.allowed === false
  const unsaid = order.activate && breaks && !order.breaking.trim()
  const waits = unsaid || conflicts.some(({ id }) => !sides[id])
  return (
    <Modal
      opened
      onClose={close}
      title={texts.save.title}
      size="lg"
      closeButtonProps={{ 'aria-label': texts.save.cancel }}
    >
      <Stack gap="sm">
        <TextInput
          data-autofocus
          label={texts.save.message}
          description={texts.save.messageText}
          maxLength={2000}
          value={order.message}
          onChange={({ currentTarget }) => set({ message: currentTarget.value })}
        />
        <Choices order={order} set={set} breaks={breaks} remote={known.remote} />
        <Text size="sm" c="dimmed">
          {known.git ? texts.save.branch(known.branch) : texts.save.inPlace}
        </Text>
        {conflicts.length > 0 ? (
          <Conflicts conflicts={conflicts} sides={sides} choose={setSides} />
        ) : (
          <div className={style.window}>
            <Diff text={judged.diff} />
          </div>
        )}
        {save.error && conflicts.length === 0 && <Failure error={save.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {texts.save.cancel}
          </Button>
          <Button loading={save.isPending} disabled={waits} onClick={() => save.mutate()}>
            {conflicts.length > 0 ? texts.save.resolved : texts.save.save}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

interface Order {
  message: string
  activate: boolean
  breaking: string
  push: boolean
}

interface ChoicesProps {
  order: Order
  set: (change: Partial<Order>) => void
  breaks: boolean
  remote: boolean
}

function Choices({ order, set, breaks, remote }: ChoicesProps) {
  const { save } = useBuilderTexts()
  return (
    <>
      <Checkbox
        size="xs"
        label={save.activate}
        description={save.activateText}
        checked={order.activate}
        onChange={({ currentTarget }) => set({ activate: currentTarget.checked })}
      />
      {order.activate && breaks && (
        <Textarea
          size="xs"
          required
          label={save.breaking}
          description={save.breakingText}
          value={order.breaking}
          onChange={({ currentTarget }) => set({ breaking: currentTarget.value })}
        />
      )}
      {remote && (
        <Checkbox
          size="xs"
          label={save.push}
          checked={order.push}
          onChange={({ currentTarget }) => set({ push: currentTarget.checked })}
        />
      )}
    </>
  )
}

function conflictsOf(error: Error | null): Conflict[] {
  if (!(error instanceof Refused) || error.refusal.code !== 'edit_conflict') return []
  return (error.refusal.details ?? []) as Conflict[]
}
