/** What a save made, and the step after it. */
import { Alert, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { type Saved } from './api'
import { TakeBranch } from './TakeBranch'
import { useBuilderTexts } from './texts'

export function SavedAlert({ saved, name }: { saved: Saved; name: string }) {
  const { made } = useBuilderTexts()
  return (
    <Good title={saved.nothing ? made.nothing : saved.told}>
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
      {saved.branch && <TakeBranch branch={saved.branch} base={saved.base} name={name} />}
      {saved.in_place && (
        <Link to="/events/$name" params={{ name }}>
          {made.open(name)}
        </Link>
      )}
    </Good>
  )
}

const SHOWN = 12

/** That what is shown was saved on a branch, by whomever, and waits. */
export function WaitingAlert({ branch, name }: { branch: string; name: string }) {
  const { made } = useBuilderTexts()
  return (
    <Good
      title={
        <>
          {made.on} <code>{branch}</code>
        </>
      }
    >
      <TakeBranch branch={branch} base={made.base} name={name} />
    </Good>
  )
}

function Good({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <Alert
      color="green"
      variant="outline"
      title={title}
      styles={{ title: { color: 'var(--weir-good)' } }}
    >
      <Stack gap="xs" align="flex-start">
        {children}
      </Stack>
    </Alert>
  )
}
