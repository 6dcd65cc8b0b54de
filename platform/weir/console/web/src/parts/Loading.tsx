/** Grey lines where the content will be; they come only when the wait is long enough to notice. */
import { Skeleton, Stack, VisuallyHidden } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTexts } from '../texts/texts'

const PATIENCE_MS = 200
const WIDTHS = ['42%', '88%', '76%', '91%', '64%', '83%', '70%', '55%']

export function Loading({ lines = 6 }: { lines?: number }) {
  const { parts } = useTexts()
  const [shown, setShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [])
  if (!shown) return null
  return (
    <Stack gap="sm" aria-busy="true">
      <VisuallyHidden role="status">{parts.loading}</VisuallyHidden>
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={14} width={WIDTHS[line % WIDTHS.length]} />
      ))}
    </Stack>
  )
}
