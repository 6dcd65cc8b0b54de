/** Parts of a page behind tabs. The open one is in the address; what it filters goes with it. */
import { Tabs, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useFormats } from '../texts/numbers'
import { useAddress } from './address'

export interface Tab {
  key: string
  label: string
  /** How many things are in it. */
  count?: number
  content: ReactNode
}

export function TabPages({ label, tabs }: { label: string; tabs: [Tab, ...Tab[]] }) {
  const { number } = useFormats()
  const navigate = useNavigate()
  const [open] = useAddress('tab', tabs[0].key)
  const shown = tabs.some(({ key }) => key === open) ? open : tabs[0].key
  const show = (key: string | null) => {
    const search = key && key !== tabs[0].key ? { tab: key } : {}
    void navigate({ to: '.', search, replace: true, resetScroll: false })
  }
  return (
    <Tabs value={shown} onChange={show}>
      <Tabs.List aria-label={label} mb="md">
        {tabs.map(({ key, label, count }) => (
          <Tabs.Tab key={key} value={key}>
            {label}
            {count !== undefined && (
              <Text span size="xs" c="dimmed" ml={6}>
                {number(count)}
              </Text>
            )}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(({ key, content }) => (
        <Tabs.Panel key={key} value={key}>
          {content}
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}
