/** Active users by what they were, above the line; below it who became inactive. */
import { useMemo } from 'react'
import type { Figures, Look } from '../../api/activation'
import { Chart } from '../../parts/chart/Chart'
import { STATE_COLORS, type ChartColors } from '../../parts/chart/colors'
import { along, HATCH } from '../../parts/chart/options'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { useFormats, type Formats } from '../../texts/numbers'
import { useTexts, type Texts } from '../../texts/texts'
import { ChartCard } from './ChartCard'
import type { Seen } from './LookPage'

type Words = Texts['activation']

export function Decomposition({ look, wanted }: Seen) {
  const texts = useTexts().activation
  const formats = useFormats()
  const option = useMemo(
    () => bars(look.periods, look.before, texts, formats),
    [look.periods, look.before, texts, formats],
  )
  return (
    <ChartCard
      look={look}
      wanted={wanted}
      name="decomposition"
      views={{
        chart: <Chart label={look.scope} option={option} height={320} />,
        table: <PeriodTable look={look} />,
      }}
    />
  )
}

/** The option of the bars; with an earlier time, its active users as a line. */
export function bars(
  periods: Figures[],
  before: Look['before'],
  texts: Words,
  { number, short }: Formats,
  legend = true,
) {
  const states = [
    ['Retained', 'retained', texts.states.Retained],
    ['New', 'new_users', texts.states.New],
    ['Reactivated', 'reactivated', texts.states.Reactivated],
    ['Inactive', 'went', texts.went],
  ] as const
  return (colors: ChartColors) =>
    along({
      colors,
      categories: periods.map(({ period }) => period),
      axis: (value) => short(Math.abs(value)),
      told: (value) => number(Math.abs(value)),
      legend,
      whole: true,
      series: [
        ...states.map(([state, key, name]) => ({
          type: 'bar',
          name,
          stack: 'users',
          barCategoryGap: '18%',
          itemStyle: { color: STATE_COLORS[state] },
          data: periods.map((row) => ({
            value: signedBy(state, row[key]),
            itemStyle: row.is_complete ? {} : { opacity: 0.55, decal: HATCH },
          })),
        })),
        ...(before
          ? [
              {
                type: 'line',
                name: texts.earlier(texts.active),
                data: before.periods.map(({ active }) => active),
                symbol: 'none',
                lineStyle: { color: colors.text, type: 'dashed', width: 1.5 },
                itemStyle: { color: colors.text },
              },
            ]
          : []),
      ],
    })
}

function signedBy(state: string, value: number | null): number | null {
  return state === 'Inactive' && value !== null ? -value : value
}

function PeriodTable({ look }: { look: Look }) {
  const texts = useTexts().activation
  const { percent } = useFormats()
  const earlier = look.before?.differences
  const share = (value: number | null) => (value === null ? '–' : percent(value))
  const count = (key: keyof Figures, header: string): Column<Figures> => ({
    key,
    header,
    value: (row) => row[key],
    numeric: true,
  })
  const columns: Column<Figures>[] = [
    { key: 'period', header: texts.period, value: ({ period }) => period, short: true },
    { key: 'complete', header: texts.complete, value: ({ is_complete }) => is_complete },
    count('active', texts.active),
    count('new_users', texts.states.New),
    count('retained', texts.states.Retained),
    count('reactivated', texts.states.Reactivated),
    count('went', texts.went),
    count('inactive', texts.inactive),
    {
      ...count('churn_rate', texts.churn),
      cell: ({ churn_rate }) => share(churn_rate),
    },
    count('pulse', texts.pulse),
    ...(earlier
      ? [
          {
            key: 'difference',
            header: `${texts.active}: ${texts.difference}`,
            value: (row: Figures) =>
              earlier.find(({ period }) => period === row.period)?.active ?? null,
            numeric: true,
          },
        ]
      : []),
  ]
  return (
    <DataTable
      name={`${look.fact}-${look.grain}`}
      address="periods-"
      label={texts.charts.decomposition}
      rows={look.periods}
      columns={columns}
      id={({ period }) => period}
    />
  )
}
