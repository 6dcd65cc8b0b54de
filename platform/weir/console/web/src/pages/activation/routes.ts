import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { root } from '../../app/root'

export const activationRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: '/activation',
    component: lazyRouteComponent(() => import('./ActivationPage'), 'ActivationPage'),
  }),
] as const
