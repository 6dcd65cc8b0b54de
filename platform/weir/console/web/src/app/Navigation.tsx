/** The pages at the left. On a narrow screen they are behind the burger, and out of the tab order. */
import { AppShell } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconExternalLink } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { ICON } from '../parts/icons'
import { useMay } from '../parts/may'
import { useTexts } from '../texts/texts'
import { PAGES } from './pages'
import style from './Shell.module.css'

interface NavigationProps {
  open: boolean
  version: string
  dagster: string | null
}

export function Navigation({ open, version, dagster }: NavigationProps) {
  const { shell } = useTexts()
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false })
  const operator = useMay('operator')
  return (
    <AppShell.Navbar
      className={style.navigation}
      aria-label={shell.navigation}
      inert={narrow && !open}
    >
      <ul className={style.pages}>
        {PAGES.filter(({ role }) => !role || operator).map(({ key, to, icon: Icon }) => (
          <li key={key}>
            <Link to={to} className={style.page} activeOptions={{ exact: to === '/' }}>
              <Icon {...ICON} />
              {shell.pages[key]}
            </Link>
          </li>
        ))}
        {dagster && (
          <li>
            <a href={dagster} className={style.page}>
              <IconExternalLink {...ICON} />
              {shell.dagster}
            </a>
          </li>
        )}
      </ul>
      <div className={style.foot}>{shell.version(version)}</div>
    </AppShell.Navbar>
  )
}
