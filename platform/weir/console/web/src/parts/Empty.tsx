/** Says why there is nothing here, and teaches the step that changes it. */
import { Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { Code } from './Code'

interface EmptyProps {
  title: string
  text: string
  command?: string
  /** A link or a button, when the step can be taken in the console. */
  children?: ReactNode
}

export function Empty({ title, text, command, children }: EmptyProps) {
  return (
    <Stack gap="xs" align="flex-start" py="xl" maw="40rem">
      <Text fw={600} size="lg">
        {title}
      </Text>
      <Text c="dimmed">{text}</Text>
      {command && <Code command text={command} label={text} />}
      {children}
    </Stack>
  )
}
