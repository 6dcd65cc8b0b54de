import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { fixture } from './src/dev/server.ts'

const API = 'http://127.0.0.1:7500'
const PROXY = { '/api': { target: API }, '/dagster': { target: API, ws: true } }

export default defineConfig(({ mode }) => ({
  base: '/',
  plugins: [react(), ...(mode === 'fixture' ? [fixture()] : [])],
  build: {
    outDir: '../static',
    emptyOutDir: true,
    manifest: true,
    assetsInlineLimit: 0, // the CSP has no data: URLs
    chunkSizeWarningLimit: 650, // ECharts, which only pages with charts load
  },
  server: { ...(mode !== 'fixture' && { proxy: PROXY }) },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/dev/tests.ts'],
    restoreMocks: true,
    testTimeout: 30_000,
    // jsdom lays nothing out, so that nothing in a menu seems focusable to Mantine.
    onConsoleLog: (log) => !log.includes('use-focus-trap'),
  },
}))
