/** What every page stands in: its look, its language, its cache and its routes. */
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useState } from 'react'
import { createCache } from '../api/queries'
import { Speaker } from '../texts/Speaker'
import type { createConsoleRouter } from './router'
import { theme, variables } from './theme'

export function App({ router }: { router: ReturnType<typeof createConsoleRouter> }) {
  const [cache] = useState(createCache)
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <Speaker>
        <QueryClientProvider client={cache}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </Speaker>
    </MantineProvider>
  )
}
