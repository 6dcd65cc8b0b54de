/** All routes, put together. A page brings its own from its folder. */
import { createRouter, parseSearchWith, stringifySearchWith } from '@tanstack/react-router'
import { builderRoutes } from '../pages/builder/routes'
import { activationRoutes } from '../pages/activation/routes'
import { eventRoutes } from '../pages/events/routes'
import { auditRoutes } from '../pages/audit/routes'
import { homeRoutes } from '../pages/home/routes'
import { lineageRoutes } from '../pages/lineage/routes'
import { modelRoutes } from '../pages/models/routes'
import { playgroundRoutes } from '../pages/playground/routes'
import { quarantineRoutes } from '../pages/quarantine/routes'
import { searchRoutes } from '../pages/search/routes'
import { settingsRoutes } from '../pages/settings/routes'
import { recoveryRoutes } from '../pages/recovery/routes'
import { signInRoutes } from '../pages/signin/routes'
import { testerRoutes } from '../pages/tester/routes'
import { Loading } from '../parts/Loading'
import { Broken } from './Broken'
import { root } from './root'

export function createConsoleRouter() {
  return createRouter({
    routeTree: root.addChildren([
      ...homeRoutes,
      ...eventRoutes,
      ...builderRoutes,
      ...modelRoutes,
      ...signInRoutes,
      ...testerRoutes,
      ...quarantineRoutes,
      ...settingsRoutes,
      ...lineageRoutes,
      ...recoveryRoutes,
      ...auditRoutes,
      ...activationRoutes,
      ...searchRoutes,
      ...playgroundRoutes,
    ]),
    // Plain text, no JSON: an address is read and typed by people.
    parseSearch: parseSearchWith((text) => text),
    stringifySearch: stringifySearchWith(String),
    defaultPreload: 'intent',
    defaultPendingComponent: Loading,
    defaultErrorComponent: Broken,
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>
  }
}
