import { createRoute } from '@tanstack/react-router'
import { root } from '../../app/root'
import { Onward } from './Onward'

export const signInRoutes = [
  createRoute({ getParentRoute: () => root, path: '/sign-in', component: Onward }),
] as const
