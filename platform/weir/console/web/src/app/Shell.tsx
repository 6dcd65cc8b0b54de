/** What stands around every page: header, navigation, the keys, and the banner of a lost connection. */
import { AppShell } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Outlet, useLocation } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import type { Person, Session } from '../api/types'
import { useTexts } from '../texts/texts'
import { Header } from './Header'
import { useKeys } from './keyboard'
import { LostBanner } from './LostBanner'
import { Navigation } from './Navigation'
import style from './Shell.module.css'

const Finder = lazy(() => import('./Finder'))
const Keys = lazy(() => import('./Keys'))

type Panel = 'finder' | 'keys' | null

export function Shell({ session, person }: { session: Session; person: Person }) {
  const { shell } = useTexts()
  const [navigation, { toggle, close }] = useDisclosure()
  const [panel, setPanel] = useState<Panel>(null)
  const main = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  const before = useRef(pathname)

  useKeys({ find: () => setPanel('finder'), help: () => setPanel('keys') })

  // A new page: the keyboard and a reader of the screen start at its content.
  useEffect(() => {
    if (before.current === pathname) return
    before.current = pathname
    close()
    main.current?.focus({ preventScroll: true })
  }, [pathname, close])

  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 192, breakpoint: 'sm', collapsed: { mobile: !navigation } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a href="#content" className={style.skip}>
        {shell.skip}
      </a>
      <Header
        session={session}
        person={person}
        navigation={navigation}
        toggleNavigation={toggle}
        find={() => setPanel('finder')}
        help={() => setPanel('keys')}
      />
      <Navigation open={navigation} version={session.version} dagster={session.dagster} />
      <AppShell.Main id="content" ref={main} tabIndex={-1} className={style.main}>
        <LostBanner />
        <div className={style.content}>
          <Outlet />
        </div>
      </AppShell.Main>
      <Suspense>
        {panel === 'finder' && <Finder session={session} close={() => setPanel(null)} />}
        {panel === 'keys' && <Keys close={() => setPanel(null)} />}
      </Suspense>
    </AppShell>
  )
}
