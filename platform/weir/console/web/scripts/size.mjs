// Fails when the first load (index.html, its scripts, preloads and styles, and the home page's
// own chunks) is larger than the budget.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const BUDGET_KB = 250
const STATIC = new URL('../../static/', import.meta.url)
const FIRST_PAGE = 'src/pages/home/HomePage.tsx'

const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', STATIC), 'utf8'))

function reach(key, files = new Set()) {
  const chunk = manifest[key]
  if (!chunk || files.has(chunk.file)) return files
  files.add(chunk.file)
  for (const style of chunk.css ?? []) files.add(style)
  for (const imported of chunk.imports ?? []) reach(imported, files)
  return files
}

const files = reach('index.html', new Set(['index.html', 'first.js']))
reach(FIRST_PAGE, files)

const sizes = [...files].map((file) => ({
  file,
  kb: gzipSync(readFileSync(new URL(file, STATIC))).length / 1000,
}))
sizes.sort((a, b) => b.kb - a.kb)
for (const { file, kb } of sizes) console.log(`${kb.toFixed(1).padStart(7)} kB  ${file}`)

const total = sizes.reduce((sum, { kb }) => sum + kb, 0)
console.log(`${total.toFixed(1).padStart(7)} kB  first load, gzipped, of ${BUDGET_KB} kB`)
if (total > BUDGET_KB) process.exit(1)
