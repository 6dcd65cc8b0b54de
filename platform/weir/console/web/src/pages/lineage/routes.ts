import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { root } from '../../app/root'

export const lineageRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: '/lineage',
    component: lazyRouteComponent(() => import('./LineagePage'), 'LineagePage'),
  }),
] as const
