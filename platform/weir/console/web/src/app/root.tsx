/** The root of all routes: every page stands in the shell and may keep text in its address. */
import { createRootRoute } from '@tanstack/react-router'
import { readSearch } from '../parts/address'
import { Gate } from './Gate'
import { NotFound } from './NotFound'

export const root = createRootRoute({
  component: Gate,
  notFoundComponent: NotFound,
  validateSearch: readSearch,
})
