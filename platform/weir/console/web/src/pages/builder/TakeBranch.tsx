/** The step after a save: its branch is taken into what is checked out where the console runs. */
import { Button, Group, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Code } from '../../parts/Code'
import { Failure } from '../../parts/Failure'
import { useMay } from '../../parts/may'
import { takeBranch } from './api'
import { useBuilderTexts } from './texts'

interface TakeBranchProps {
  branch: string
  /** What it will be merged into. */
  base: string
  /** The event. */
  name: string
}

export function TakeBranch({ branch, base, name }: TakeBranchProps) {
  const { made } = useBuilderTexts()
  const may = useMay('operator')
  const cache = useQueryClient()
  const taken = useMutation({
    mutationFn: () => takeBranch(branch),
    onSuccess: () => cache.invalidateQueries(),
  })
  if (taken.isSuccess) {
    return (
      <Group gap="xs">
        <Text size="sm">{made.taken}</Text>
        <Link to="/events/$name" params={{ name }}>
          {made.open(name)}
        </Link>
      </Group>
    )
  }
  return (
    <>
      <Text size="sm">{made.next(base)}</Text>
      {may ? (
        <Button variant="default" loading={taken.isPending} onClick={() => taken.mutate()}>
          {made.take}
        </Button>
      ) : (
        <Code command text={`git merge ${branch}`} label={made.take} />
      )}
      {taken.error && <Failure error={taken.error} />}
    </>
  )
}
