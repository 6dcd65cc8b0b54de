/** The frame of every page: where it is, its title, what can be done, and its content. */
import { Group, Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTexts } from '../texts/texts'
import style from './Page.module.css'

export interface Crumb {
  label: string
  to: string
}

interface PageProps {
  title: string
  /** The title as shown, when it is more than its words. */
  heading?: ReactNode
  lead?: ReactNode
  trail?: Crumb[]
  actions?: ReactNode
  children: ReactNode
}

export function Page({ title, heading, lead, trail = [], actions, children }: PageProps) {
  const { shell } = useTexts()
  return (
    <Stack gap="md">
      <title>{`${title} · ${shell.product}`}</title>
      <Stack gap={4}>
        {trail.length > 0 && <Trail trail={trail} here={title} />}
        <Group justify="space-between" align="center" gap="sm">
          <Title order={1} className={style.title}>
            {heading ?? title}
          </Title>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
        {lead && (
          <Text c="dimmed" maw="48rem">
            {lead}
          </Text>
        )}
      </Stack>
      {children}
    </Stack>
  )
}

function Trail({ trail, here }: { trail: Crumb[]; here: string }) {
  const { shell } = useTexts()
  return (
    <nav aria-label={shell.trail}>
      <ol className={style.trail}>
        {trail.map(({ label, to }) => (
          <li key={to}>
            <Link to={to}>{label}</Link>
          </li>
        ))}
        <li aria-current="page">{here}</li>
      </ol>
    </nav>
  )
}
