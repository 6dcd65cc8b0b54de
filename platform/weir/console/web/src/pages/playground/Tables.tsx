/** The tables and columns that a query may name; a click writes one. */
import { Text, TextInput, Title } from '@mantine/core'
import { useState } from 'react'
import type { Catalogue } from '../../api/playground'
import { useTexts } from '../../texts/texts'
import style from './Playground.module.css'

interface TablesProps {
  catalogue?: Catalogue
  insert: (name: string) => void
}

export function Tables({ catalogue, insert }: TablesProps) {
  const texts = useTexts().playground
  const [filter, setFilter] = useState('')
  const word = filter.trim().toLowerCase()
  const shown = (catalogue?.tables ?? []).filter(
    ({ schema_name, name, columns }) =>
      `${schema_name}.${name}`.toLowerCase().includes(word) ||
      columns.some((column) => column.name.toLowerCase().includes(word)),
  )
  return (
    <section className={style.tables} aria-labelledby="playground-tables">
      <Title order={2} id="playground-tables">
        {texts.tables}
      </Title>
      <TextInput
        type="search"
        aria-label={texts.tablesFilter}
        placeholder={texts.tablesFilter}
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
      {/* A region that scrolls must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={style.list} tabIndex={0} role="region" aria-label={texts.tables}>
        {shown.map(({ schema_name, name, columns }) => {
          const table = `${schema_name}.${name}`
          return (
            <details key={table}>
              <summary className={style.table}>{table}</summary>
              <button
                type="button"
                className={style.insert}
                onClick={() => insert(quoted(schema_name, name))}
              >
                {texts.insert(table)}
              </button>
              <ul className={style.columns}>
                {columns.map((column) => (
                  <li key={column.name}>
                    <code>{column.name}</code>{' '}
                    <Text span size="xs" c="dimmed">
                      {column.type.toLowerCase().slice(0, 40)}
                    </Text>
                  </li>
                ))}
              </ul>
            </details>
          )
        })}
      </div>
    </section>
  )
}

/** A name as SQL wants it: in quotes only where it must be. */
export function quoted(...names: string[]): string {
  return names
    .map((name) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`))
    .join('.')
}
