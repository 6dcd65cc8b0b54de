/** A secret that is shown once: copied or lost. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { useTexts } from '../texts/texts'
import { Code } from './Code'
import { ICON } from './icons'

interface OnceProps {
  title: string
  text: string
  hint: string
  done: () => void
}

export function Once({ title, text, hint, done }: OnceProps) {
  const { once } = useTexts().parts
  return (
    <Alert
      variant="outline"
      color="yellow"
      title={title}
      role="status"
      icon={<IconKey {...ICON} />}
      styles={{ root: { background: 'var(--weir-surface)' }, title: { color: 'var(--weir-warn)' } }}
    >
      <Stack gap="xs" align="flex-start">
        <Text>{once.only}</Text>
        <Code text={text} label={title} />
        <Group gap="sm">
          <Text size="sm" c="dimmed">
            {hint}
          </Text>
          <Button variant="default" onClick={done}>
            {once.done}
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}
