/** What a query returned: rows, a chart, its plan; and what was run before. */
import { Button, Group, Loader, Stack, Text } from '@mantine/core'
import { useMemo } from 'react'
import type { Catalogue, Ran } from '../../api/playground'
import { useAddress } from '../../parts/address'
import { Code } from '../../parts/Code'
import type { Column, Value } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { View } from '../../parts/View'
import { When } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { ResultChart } from './ResultChart'
import type { Runs } from './runs'

interface ResultsProps {
  runs: Runs
  sql: string
  take: (sql: string) => void
  catalogue?: Catalogue
}

export function Results(props: ResultsProps) {
  const texts = useTexts().playground
  const [view, setView] = useAddress('view', 'rows')
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <View label={texts.result} value={view} values={texts.views} choose={setView} />
        <Told runs={props.runs} />
      </Group>
      <Shown view={view} {...props} />
    </Stack>
  )
}

function Told({ runs }: { runs: Runs }) {
  const texts = useTexts().playground
  const { seconds } = useFormats()
  if (runs.running) {
    return (
      <Group gap="xs" role="status">
        <Loader size="xs" />
        <Text size="sm">{texts.running}</Text>
      </Group>
    )
  }
  if (!runs.ran) return null
  const { rows, cut, seconds: took } = runs.ran
  return (
    <Text size="sm" role="status" c={cut ? undefined : 'dimmed'} fw={cut ? 500 : undefined}>
      {texts.took(rows.length, seconds(took))} {cut && texts.cut(rows.length)}
    </Text>
  )
}

function Shown({ view, runs, sql, take, catalogue }: ResultsProps & { view: string }) {
  if (view === 'plan') return <Plan runs={runs} sql={sql} />
  if (view === 'history') return <History runs={runs} take={take} />
  if (!runs.ran) return <Begin take={take} catalogue={catalogue} />
  return view === 'chart' ? <ResultChart ran={runs.ran} /> : <RowTable ran={runs.ran} />
}

type Row = [number, unknown[]]

function RowTable({ ran }: { ran: Ran }) {
  const texts = useTexts().playground
  const rows = useMemo<Row[]>(() => ran.rows.map((row, index) => [index, row]), [ran])
  const columns = useMemo<Column<Row>[]>(
    () =>
      ran.columns.map(({ name, type }, index) => ({
        key: `${name}.${index}`,
        header: name,
        value: ([, row]) => asValue(row[index]),
        numeric: isNumeric(type),
        cell: ([, row]) => <Cell value={row[index]} />,
      })),
    [ran],
  )
  if (rows.length === 0) return <Text>{texts.noRows}</Text>
  return (
    <DataTable
      name="query"
      address="rows-"
      label={texts.result}
      rows={rows}
      columns={columns}
      id={([index]) => String(index)}
    />
  )
}

function Cell({ value }: { value: unknown }) {
  if (value === null)
    return (
      <Text span c="dimmed">
        NULL
      </Text>
    )
  return <span style={{ whiteSpace: 'pre-wrap' }}>{String(asValue(value))}</span>
}

function asValue(value: unknown): Value {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  return value as Value
}

export function isNumeric(type: string): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL\([\d,]+\))$/.test(type)
}

function Begin({ take, catalogue }: Pick<ResultsProps, 'take' | 'catalogue'>) {
  const texts = useTexts().playground
  const facts = catalogue?.tables.filter(({ schema_name }) => schema_name === 'fact') ?? []
  const logs = catalogue?.tables.filter(({ schema_name }) => schema_name === 'event_log') ?? []
  const examples = [
    ...facts
      .slice(0, 1)
      .map(
        ({ name }) =>
          `select activity_date, count(*) as users, sum(event_count) as events\nfrom fact.${name}\ngroup by 1\norder by 1`,
      ),
    ...logs.slice(0, 1).map(({ name }) => `summarize event_log.${name}`),
    'show all tables',
  ]
  return (
    <Stack gap="xs" align="flex-start">
      <Text fw={600}>{texts.nothing}</Text>
      <Text c="dimmed">{texts.nothingText}</Text>
      {examples.map((example) => (
        <Button
          key={example}
          variant="default"
          ff="monospace"
          h="auto"
          maw="100%"
          py={6}
          styles={{ label: { whiteSpace: 'pre-wrap', textAlign: 'start' } }}
          onClick={() => take(example)}
        >
          {example}
        </Button>
      ))}
    </Stack>
  )
}

function Plan({ runs, sql }: { runs: Runs; sql: string }) {
  const texts = useTexts().playground
  const plan = runs.plan?.rows.map((row) => String(row.at(-1))).join('\n')
  return (
    <Stack gap="xs" align="flex-start">
      <Button
        variant="default"
        disabled={!sql.trim() || runs.running}
        onClick={() => runs.explain(sql)}
      >
        {texts.views.plan}
      </Button>
      {plan && <Code text={plan} label={texts.plan} />}
    </Stack>
  )
}

function History({ runs, take }: Pick<ResultsProps, 'runs' | 'take'>) {
  const texts = useTexts().playground
  if (runs.past.length === 0) return <Text c="dimmed">{texts.historyEmpty}</Text>
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text c="dimmed" size="sm">
          {texts.historyEmpty}
        </Text>
        <Button variant="default" onClick={runs.forget}>
          {texts.forget}
        </Button>
      </Group>
      {runs.past.map(({ sql, at }) => (
        <Stack key={at} gap={4}>
          <Group gap="sm">
            <When at={at} />
            <Button variant="subtle" onClick={() => take(sql)}>
              {texts.take}
            </Button>
          </Group>
          <Code text={sql} label={`${texts.history} ${at}`} />
        </Stack>
      ))}
    </Stack>
  )
}
