import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { root } from '../../app/root'

export const searchRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: '/search',
    component: lazyRouteComponent(() => import('./SearchPage'), 'SearchPage'),
  }),
] as const
