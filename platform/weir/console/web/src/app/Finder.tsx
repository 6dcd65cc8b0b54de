/** Ctrl-K: pages, events, models and actions by name. */
import { useMantineColorScheme } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Spotlight, spotlight } from '@mantine/spotlight'
import '@mantine/spotlight/styles.layer.css'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { events, models } from '../api/queries'
import type { Session } from '../api/types'
import { ICON } from '../parts/icons'
import { filtered } from '../parts/table/columns'
import { useSpeech } from '../texts/texts'
import { PAGES } from './pages'
import style from './Finder.module.css'
import { useSignOut } from './signing'

const SHOWN = 6
const PAUSE_MS = 120

interface Found {
  id: string
  label: string
  description?: string
  run: () => void
}

export default function Finder({ session, close }: { session: Session; close: () => void }) {
  const { texts } = useSpeech()
  const { search } = texts.shell
  const [query, setQuery] = useState('')
  const pages = usePages()
  const actions = useActions(session)
  const groups: [string, Found[]][] = [
    [search.pages, filtered(pages, nameOf, query)],
    [search.events, useEvents(query)],
    [search.models, useModels(query)],
    [search.actions, filtered(actions, nameOf, query)],
  ]
  const some = groups.filter(([, found]) => found.length > 0)

  const shown = some.flatMap(([, found]) => found.map(({ id }) => id)).join(' ')

  useEffect(() => spotlight.open(), [])

  // Spotlight marks the first action when one types; ours come later, with the answer.
  useEffect(() => {
    const actions = document.querySelectorAll('[data-action]')
    actions.forEach((action, index) => action.toggleAttribute('data-selected', index === 0))
  }, [shown])

  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      onSpotlightClose={close}
      scrollable
      maxHeight="60vh"
      shortcut={null}
      classNames={{ actionDescription: style.description }}
      attributes={{ content: { 'aria-label': search.open } }}
      transitionProps={{ duration: 0 }}
    >
      <Spotlight.Search
        placeholder={search.placeholder}
        aria-label={search.open}
        leftSection={<IconSearch {...ICON} />}
      />
      <Spotlight.ActionsList>
        {some.map(([label, found]) => (
          <Spotlight.ActionsGroup key={label} label={label}>
            {found.map(({ id, label, description, run }) => (
              <Spotlight.Action key={id} label={label} description={description} onClick={run} />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {some.length === 0 && <Spotlight.Empty>{search.nothing}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}

function nameOf({ label, description = '' }: Found): string {
  return `${label} ${description}`
}

function usePages(): Found[] {
  const router = useRouter()
  const { pages } = useSpeech().texts.shell
  return PAGES.map(({ key, to }) => ({
    id: to,
    label: pages[key],
    run: () => void router.navigate({ to }),
  }))
}

function useEvents(query: string): Found[] {
  const router = useRouter()
  const [asked] = useDebouncedValue(query, PAUSE_MS)
  const { data } = useQuery({ ...events(asked, SHOWN), enabled: asked !== '' })
  if (!query || !data) return []
  return data.events.map(({ name, description }) => ({
    id: name,
    label: name,
    description,
    run: () => void router.navigate({ to: '/events/$name', params: { name } }),
  }))
}

function useModels(query: string): Found[] {
  const router = useRouter()
  const { data } = useQuery({ ...models, enabled: query !== '' })
  if (!query || !data) return []
  const found = filtered(data.models, ({ asset, description }) => `${asset} ${description}`, query)
  return found.slice(0, SHOWN).map(({ asset, description }) => ({
    id: asset,
    label: asset,
    description,
    run: () => void router.navigate({ to: `/models/${asset}` }),
  }))
}

function useActions({ dagster }: Session): Found[] {
  const { setColorScheme } = useMantineColorScheme()
  const { language, choose, texts } = useSpeech()
  const { scheme, signOut, dagster: openDagster } = texts.shell
  const leave = useSignOut()
  const actions: Found[] = [
    {
      id: 'light',
      label: scheme.light,
      description: scheme.label,
      run: () => setColorScheme('light'),
    },
    {
      id: 'dark',
      label: scheme.dark,
      description: scheme.label,
      run: () => setColorScheme('dark'),
    },
    {
      id: 'auto',
      label: scheme.auto,
      description: scheme.label,
      run: () => setColorScheme('auto'),
    },
    {
      id: 'language',
      label: language === 'en' ? '한국어' : 'English',
      run: () => choose(language === 'en' ? 'ko' : 'en'),
    },
    { id: 'sign-out', label: signOut, run: () => leave.mutate() },
  ]
  if (dagster) {
    actions.push({ id: 'dagster', label: openDagster, run: () => window.location.assign(dagster) })
  }
  return actions
}
