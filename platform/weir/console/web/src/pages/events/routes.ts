import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { root } from '../../app/root'

export const eventRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: '/events',
    component: lazyRouteComponent(() => import('./EventsPage'), 'EventsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/events/$name',
    component: lazyRouteComponent(() => import('./EventPage'), 'EventPage'),
  }),
] as const
