/** How many events have which value; choosing one narrows the query. */
import { Text, Title } from '@mantine/core'
import { useSearch } from '@tanstack/react-router'
import type { Found } from '../../api/search'
import type { Search } from '../../parts/address'
import { useFormats } from '../../texts/numbers'
import { useTexts, worded } from '../../texts/texts'
import { useChange } from './wanted'
import sheet from '../../parts/Sheet.module.css'
import style from './Search.module.css'

export function Facets({ found }: { found: Found }) {
  const texts = useTexts().search
  return (
    <section className={`${sheet.sheet} ${style.panel}`} aria-label={texts.facets}>
      {Object.entries(found.facets).map(([field, values]) => (
        <Facet key={field} field={field} values={values} />
      ))}
      {!found.facets_whole && (
        <Text size="xs" c="dimmed">
          {texts.facetsPart}
        </Text>
      )}
    </section>
  )
}

function Facet({ field, values }: { field: string; values: Found['facets'][string] }) {
  const texts = useTexts().search
  const { number } = useFormats()
  const change = useChange()
  const { q = '' }: Search = useSearch({ strict: false })
  const name = worded(texts.facet, field)
  return (
    <>
      <Title order={2} mb={4}>
        {name}
      </Title>
      {values.length === 0 && (
        <Text size="sm" c="dimmed" mb="sm">
          {texts.noValues}
        </Text>
      )}
      <ul className={style.facet}>
        {values.map(({ value, estimate, low, high }) => (
          <li key={value}>
            <button
              type="button"
              className={style.value}
              title={`${texts.narrow(name, value)}\n${texts.between(number(Math.round(low)), number(Math.round(high)))}`}
              onClick={() => change({ q: withTerm(q, field, value) })}
            >
              <span className={style.name}>{value}</span>
              <span className={style.number}>
                {number(Math.round(estimate))}
                {low < high && ` ± ${number(Math.round((high - low) / 2))}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

/** The query that also asks for a value. */
export function withTerm(query: string, field: string, value: string): string {
  const term = `${field}:"${value.replaceAll('"', '\\"')}"`
  if (query.includes(term)) return query
  const rest = query.trim() === '*' ? '' : query.trim()
  return [/\b(OR)\b/.test(rest) ? `(${rest})` : rest, term].filter(Boolean).join(' ')
}
