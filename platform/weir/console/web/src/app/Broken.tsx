/** A page that threw: the shell stays, and the way out is shown. */
import type { ErrorComponentProps } from '@tanstack/react-router'
import { Failure } from '../parts/Failure'
import { Page } from '../parts/Page'
import { useTexts } from '../texts/texts'

export function Broken({ error, reset }: ErrorComponentProps) {
  const { failure } = useTexts().parts
  return (
    <Page title={failure.unexpected}>
      <Failure error={asError(error)} retry={reset} />
    </Page>
  )
}

/** JavaScript may throw anything. */
function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
