/** The top of every page: where one is, the search, and the viewer's own choices. */
import { AppShell, Badge, Burger, VisuallyHidden } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { Person, Session } from '../api/types'
import { ICON } from '../parts/icons'
import { useTexts } from '../texts/texts'
import { LanguageMenu } from './LanguageMenu'
import { Mark } from './Mark'
import { PersonMenu } from './PersonMenu'
import { SchemeMenu } from './SchemeMenu'
import style from './Shell.module.css'

interface HeaderProps {
  session: Session
  person: Person
  navigation: boolean
  toggleNavigation: () => void
  find: () => void
  help: () => void
}

export function Header(props: HeaderProps) {
  const { session, person, navigation, toggleNavigation, find, help } = props
  const { shell } = useTexts()
  return (
    <AppShell.Header className={style.header}>
      <Burger
        size="sm"
        hiddenFrom="sm"
        opened={navigation}
        onClick={toggleNavigation}
        aria-expanded={navigation}
        aria-label={navigation ? shell.closeNavigation : shell.openNavigation}
      />
      <Link to="/" className={style.wordmark}>
        <Mark />
        {shell.product}
      </Link>
      {session.environment && (
        <Badge variant="light" tt="none" title={shell.environment(session.environment)}>
          {session.environment}
        </Badge>
      )}
      <button
        type="button"
        className={style.find}
        onClick={find}
        aria-keyshortcuts="Control+K Meta+K"
      >
        <IconSearch {...ICON} />
        <VisuallyHidden>{shell.search.open}: </VisuallyHidden>
        <span className={style.findText}>{shell.search.placeholder}</span>
        <kbd aria-hidden="true">Ctrl K</kbd>
      </button>
      <SchemeMenu />
      <LanguageMenu />
      <PersonMenu person={person} help={help} />
    </AppShell.Header>
  )
}
