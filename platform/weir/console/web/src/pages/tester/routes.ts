import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { root } from '../../app/root'

export const testerRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: '/tester',
    component: lazyRouteComponent(() => import('./TesterPage'), 'TesterPage'),
  }),
] as const
