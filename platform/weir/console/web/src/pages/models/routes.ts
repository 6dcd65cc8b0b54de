import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { root } from '../../app/root'

const models = createRoute({ getParentRoute: () => root, path: '/models' })

const list = createRoute({
  getParentRoute: () => models,
  path: '/',
  component: lazyRouteComponent(() => import('./ModelsPage'), 'ModelsPage'),
})

/** An asset's key has slashes of its own. */
const one = createRoute({
  getParentRoute: () => models,
  path: '$',
  component: lazyRouteComponent(() => import('./ModelPage'), 'ModelPage'),
})

export const modelRoutes = [models.addChildren([list, one])] as const
