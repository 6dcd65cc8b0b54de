/** Light, dark, or as the system has it. */
import { useMantineColorScheme } from '@mantine/core'
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react'
import { ICON } from '../parts/icons'
import { useTexts } from '../texts/texts'
import { Choice } from './Choice'

const ICONS = { light: IconSun, dark: IconMoon, auto: IconDeviceDesktop }

export function SchemeMenu() {
  const { light, dark, auto, label } = useTexts().shell.scheme
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const Icon = ICONS[colorScheme]
  return (
    <Choice
      label={label}
      icon={<Icon {...ICON} />}
      chosen={colorScheme}
      values={{ light, dark, auto }}
      choose={setColorScheme}
    />
  )
}
