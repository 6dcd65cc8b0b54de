import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** Names that a source file imports from Mantine's core. */
function imported(source: string): string[] {
  return [...source.matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)]
    .flatMap(([, names = '']) => names.split(','))
    .map((name) => name.trim().replace(/^type /, ''))
    .filter(Boolean)
}

test('every component of Mantine that the console uses has its styles', () => {
  const styles = readFileSync('src/app/mantine.css', 'utf8')
  const used = globSync('src/**/*.{ts,tsx}').flatMap((file) => imported(readFileSync(file, 'utf8')))
  const missing = [...new Set(used)].filter(
    (name) =>
      existsSync(`node_modules/@mantine/core/styles/${name}.layer.css`) &&
      !styles.includes(`/${name}.layer.css`),
  )
  expect(used.length).toBeGreaterThan(0)
  expect(missing, 'add these to src/app/mantine.css').toEqual([])
})
