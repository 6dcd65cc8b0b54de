/** A surface that says what went wrong. */
import { Alert } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { ICON } from './icons'

export function Bad({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <Alert
      role="alert"
      variant="outline"
      color="red"
      title={title}
      icon={<IconAlertTriangle {...ICON} />}
      styles={{ root: { background: 'var(--weir-surface)' }, title: { color: 'var(--weir-bad)' } }}
    >
      {children}
    </Alert>
  )
}
