/**
 * The pages in the navigation, in its order. A page is added here when it exists; the same list
 * makes the links, the jumps of the keyboard and what Ctrl-K finds.
 */
import {
  IconFlask,
  IconHistory,
  IconHome2,
  IconLifebuoy,
  IconSearch,
  IconSettings,
  IconShieldExclamation,
  IconSitemap,
  IconTable,
  IconTags,
  IconTerminal2,
  IconUsersGroup,
  type Icon,
} from '@tabler/icons-react'
import type { Texts } from '../texts/texts'

export interface PageEntry {
  key: keyof Texts['shell']['pages']
  to: string
  icon: Icon
  /** The second key of its jump: `g` then this. */
  jump: string
  /** For operators only. */
  role?: 'operator'
}

export const PAGES: PageEntry[] = [
  { key: 'home', to: '/', icon: IconHome2, jump: 'h' },
  { key: 'events', to: '/events', icon: IconTags, jump: 'e' },
  { key: 'tester', to: '/tester', icon: IconFlask, jump: 't' },
  { key: 'quarantine', to: '/quarantine', icon: IconShieldExclamation, jump: 'q' },
  { key: 'models', to: '/models', icon: IconTable, jump: 'm' },
  { key: 'lineage', to: '/lineage', icon: IconSitemap, jump: 'l' },
  { key: 'recovery', to: '/recovery', icon: IconLifebuoy, jump: 'r' },
  { key: 'audit', to: '/audit', icon: IconHistory, jump: 'u', role: 'operator' },
  { key: 'activation', to: '/activation', icon: IconUsersGroup, jump: 'a' },
  { key: 'search', to: '/search', icon: IconSearch, jump: 'f' },
  { key: 'playground', to: '/playground', icon: IconTerminal2, jump: 'p' },
  { key: 'settings', to: '/settings', icon: IconSettings, jump: 's' },
]

/** The page that an address belongs to, whether or not the rest of the address is right. */
export function pageOf(path: string): PageEntry | undefined {
  const [, first = ''] = path.split(/[/?#]/)
  return PAGES.find(({ to }) => to === `/${first}`)
}
