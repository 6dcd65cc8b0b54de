import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { root } from '../../app/root'

export const quarantineRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: '/quarantine',
    component: lazyRouteComponent(() => import('./QuarantinePage'), 'QuarantinePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/quarantine/events',
    component: lazyRouteComponent(() => import('./GroupPage'), 'GroupPage'),
  }),
] as const
