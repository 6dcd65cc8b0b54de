/** A menu of one choice out of a few, behind an icon. */
import { ActionIcon, Menu } from '@mantine/core'
import type { ReactNode } from 'react'

interface ChoiceProps<Value extends string> {
  label: string
  icon: ReactNode
  chosen: Value
  values: Record<Value, string>
  choose: (value: Value) => void
}

export function Choice<Value extends string>(props: ChoiceProps<Value>) {
  const { label, icon, chosen, values, choose } = props
  const entries = Object.entries(values) as [Value, string][]
  return (
    <Menu position="bottom-end" width={180}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={`${label}: ${values[chosen]}`}
          title={label}
        >
          {icon}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{label}</Menu.Label>
        <Menu.RadioGroup value={chosen} onChange={(value) => choose(value as Value)}>
          {entries.map(([value, text]) => (
            <Menu.RadioItem key={value} value={value} closeMenuOnClick>
              {text}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  )
}
