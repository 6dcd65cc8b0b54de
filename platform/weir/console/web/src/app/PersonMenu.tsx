/** Who is signed in, with which role, and the way out. */
import { ActionIcon, Menu, Text } from '@mantine/core'
import { IconKeyboard, IconLogout, IconUser } from '@tabler/icons-react'
import type { Person } from '../api/types'
import { ICON } from '../parts/icons'
import { useTexts } from '../texts/texts'
import { useSignOut } from './signing'

export function PersonMenu({ person, help }: { person: Person; help: () => void }) {
  const { shell } = useTexts()
  const signOut = useSignOut()
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={shell.person(person.name)}
          title={person.name}
        >
          <IconUser {...ICON} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text fw={600} c="var(--mantine-color-text)">
            {person.name}
          </Text>
          <Text size="xs">{shell.roles[person.role]}</Text>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item leftSection={<IconKeyboard {...ICON} />} rightSection="?" onClick={help}>
          {shell.keys.title}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout {...ICON} />} onClick={() => signOut.mutate()}>
          {shell.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
