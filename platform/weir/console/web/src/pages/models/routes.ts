import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { root } from '../../app/root'

export const modelRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: '/models',
    component: lazyRouteComponent(() => import('./ModelsPage'), 'ModelsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/models/$stage/$table',
    component: lazyRouteComponent(() => import('./ModelPage'), 'ModelPage'),
  }),
] as const
