import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { root } from '../../app/root'

export const playgroundRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: '/playground',
    component: lazyRouteComponent(() => import('./PlaygroundPage'), 'PlaygroundPage'),
  }),
] as const
