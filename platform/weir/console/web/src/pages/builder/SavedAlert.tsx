/** What a save made, and the step after it: taking the branch into what is checked out. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Code } from '../../parts/Code'
import { Failure } from '../../parts/Failure'
import { takeBranch, type Saved } from './api'
import { useBuilderTexts } from './texts'

const SHOWN = 12

export function SavedAlert({ saved, may, name }: { saved: Saved; may: boolean; name: string }) {
  const texts = useBuilderTexts()
  const cache = useQueryClient()
  const taken = useMutation({
    mutationFn: () => takeBranch(saved.branch),
    onSuccess: () => cache.invalidateQueries(),
  })
  const { made } = texts
  return (
    <Alert
      color="green"
      variant="outline"
      title={saved.nothing ? made.nothing : saved.told}
      styles={{ title: { color: 'var(--weir-good)' } }}
    >
      <Stack gap="xs" align="flex-start">
        {saved.branch && (
          <Text size="sm">
            {made.on} <code>{saved.branch}</code> · <code>{saved.commit.slice(0, 12)}</code>
          </Text>
        )}
        {saved.in_place && <Text size="sm">{made.inPlace}</Text>}
        <ul aria-label={made.files}>
          {saved.files.slice(0, SHOWN).map((file) => (
            <li key={file}>
              <code>{file}</code>
            </li>
          ))}
        </ul>
        {saved.branch && <Next saved={saved} may={may} taken={taken} />}
        {(taken.isSuccess || saved.in_place) && (
          <Group gap="xs">
            <Text size="sm">{taken.isSuccess ? made.taken : ''}</Text>
            <Link to="/events/$name" params={{ name }}>
              {made.open(name)}
            </Link>
          </Group>
        )}
      </Stack>
    </Alert>
  )
}

interface NextProps {
  saved: Saved
  may: boolean
  taken: { isPending: boolean; isSuccess: boolean; error: Error | null; mutate: () => void }
}

function Next({ saved, may, taken }: NextProps) {
  const { made } = useBuilderTexts()
  if (taken.isSuccess) return null
  return (
    <>
      <Text size="sm">{made.next(saved.base)}</Text>
      {may ? (
        <Button variant="default" loading={taken.isPending} onClick={() => taken.mutate()}>
          {made.take}
        </Button>
      ) : (
        <Code command text={`git merge ${saved.branch}`} label={made.take} />
      )}
      {taken.error && <Failure error={taken.error} />}
    </>
  )
}
