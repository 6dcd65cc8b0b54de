/** A button that asks once more before it does what cannot be taken back. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { useTexts } from '../texts/texts'

interface SureProps {
  label: string
  title: string
  text: ReactNode
  /** What the second button says. */
  yes: string
  act: () => void
  danger?: boolean
  disabled?: boolean
  busy?: boolean
  /** Names the button where its words alone do not: which row it is of. */
  name?: string
}

export function Sure(props: SureProps) {
  const { label, title, text, yes, act, danger = false, disabled, busy, name } = props
  const { sure } = useTexts().parts
  const [open, { open: ask, close }] = useDisclosure()
  return (
    <>
      <Button
        variant={danger ? 'default' : 'filled'}
        disabled={disabled}
        loading={busy}
        aria-label={name}
        onClick={ask}
      >
        {label}
      </Button>
      <Modal
        opened={open}
        onClose={close}
        title={title}
        closeButtonProps={{ 'aria-label': sure.no }}
      >
        <Stack gap="md">
          <Text component="div">{text}</Text>
          <Group gap="xs" justify="flex-end">
            <Button variant="default" onClick={close}>
              {sure.no}
            </Button>
            <Button
              color={danger ? 'red' : undefined}
              data-autofocus
              onClick={() => {
                close()
                act()
              }}
            >
              {yes}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
