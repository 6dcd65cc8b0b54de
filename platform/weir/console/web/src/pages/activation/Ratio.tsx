/** The line of a ratio; with an earlier time, that beside it. */
import { useMemo } from 'react'
import type { Figures } from '../../api/activation'
import { Chart } from '../../parts/chart/Chart'
import type { ChartColors } from '../../parts/chart/colors'
import { along } from '../../parts/chart/options'
import { DataTable } from '../../parts/table/DataTable'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { ChartCard } from './ChartCard'
import type { Seen } from './LookPage'

interface RatioProps extends Seen {
  chart: 'pulse' | 'churn'
  of: 'pulse' | 'churn_rate'
}

export function Ratio({ look, wanted, chart, of }: RatioProps) {
  const texts = useTexts().activation
  const { number, percent } = useFormats()
  const title = texts.charts[chart]
  const write = chart === 'pulse' ? number : percent
  const option = useMemo(
    () => (colors: ChartColors) =>
      along({
        colors,
        categories: look.periods.map(({ period }) => period),
        axis: write,
        told: write,
        legend: look.before !== null,
        series: [
          line(title, look.periods, of, colors.accent, chart === 'pulse' ? colors.quiet : ''),
          ...(look.before
            ? [line(texts.earlier(title), look.before.periods, of, colors.second, '')]
            : []),
        ],
      }),
    [look, title, write, of, chart, texts],
  )
  return (
    <ChartCard
      look={look}
      wanted={wanted}
      name={chart}
      views={{
        chart: <Chart label={`${title}. ${look.scope}`} option={option} height={220} />,
        table: (
          <DataTable
            name={`${look.fact}-${look.grain}-${chart}`}
            address={`${chart}-`}
            label={title}
            rows={look.periods}
            columns={[
              { key: 'period', header: texts.period, value: ({ period }) => period, short: true },
              {
                key: of,
                header: title,
                value: (row) => row[of],
                cell: (row) => (row[of] === null ? '–' : write(row[of])),
                numeric: true,
              },
            ]}
            id={({ period }) => period}
          />
        ),
      }}
    />
  )
}

/** A line; with a colour for it, 1 is marked. */
function line(
  name: string,
  rows: Figures[],
  of: 'pulse' | 'churn_rate',
  color: string,
  mark: string,
) {
  return {
    type: 'line',
    name,
    data: rows.map((row) => row[of]),
    symbolSize: 5,
    itemStyle: { color },
    lineStyle: { color },
    ...(mark && {
      markLine: {
        silent: true,
        symbol: 'none',
        label: { show: false },
        lineStyle: { type: 'dashed', color: mark },
        data: [{ yAxis: 1 }],
      },
    }),
  }
}
