/** Saves the query as the draft of a model: a commit on a branch of its own. */
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { saveDraft, type SavedDraft } from '../../api/playground'
import { Code } from '../../parts/Code'
import { Failure } from '../../parts/Failure'
import { useTexts } from '../../texts/texts'

export function DraftModal({ sql, close }: { sql: string; close: () => void }) {
  const texts = useTexts().playground
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const save = useMutation({ mutationFn: () => saveDraft(name.trim(), sql, description) })
  return (
    <Modal
      opened
      onClose={close}
      title={texts.draft}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Escape' }}
    >
      {save.data ? (
        <Saved draft={save.data} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            save.mutate()
          }}
        >
          <Stack gap="sm">
            <Text size="sm">{texts.draftLead}</Text>
            <TextInput
              label={texts.name}
              description={texts.nameHint}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              required
              maxLength={60}
              spellCheck={false}
              data-autofocus
            />
            <TextInput
              label={texts.description}
              value={description}
              onChange={(event) => setDescription(event.currentTarget.value)}
              maxLength={2000}
            />
            {save.error && <Failure error={save.error} />}
            <Group justify="flex-end">
              <Button type="submit" loading={save.isPending} disabled={!name.trim()}>
                {texts.save}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}

function Saved({ draft }: { draft: SavedDraft }) {
  const texts = useTexts().playground
  return (
    <Stack gap="sm" role="status">
      <Text fw={600}>{texts.saved}</Text>
      <Text>{texts.savedText(draft.path, draft.branch)}</Text>
      {draft.unknown.length > 0 && <Text>{texts.unknown(draft.unknown.join(', '))}</Text>}
      <Code text={draft.text} label={draft.path} />
      <Code
        command
        text={`git show ${draft.commit.slice(0, 12)}`}
        label={texts.savedText(draft.path, draft.branch)}
      />
    </Stack>
  )
}
