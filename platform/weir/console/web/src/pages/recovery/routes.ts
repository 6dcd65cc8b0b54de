import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { root } from '../../app/root'

export const recoveryRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: '/recovery',
    component: lazyRouteComponent(() => import('./RecoveryPage'), 'RecoveryPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/recovery/$plan',
    component: lazyRouteComponent(() => import('./PlanPage'), 'PlanPage'),
  }),
] as const
