import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { root } from '../../app/root'

export const builderRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: '/events/new',
    component: lazyRouteComponent(() => import('./BuilderPage'), 'NewEventPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/events/$name/edit',
    component: lazyRouteComponent(() => import('./BuilderPage'), 'EditEventPage'),
  }),
] as const
