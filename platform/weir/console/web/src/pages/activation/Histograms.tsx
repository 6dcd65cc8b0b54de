/** How many users have which length, and how many visits were followed by another one. */
import { Text } from '@mantine/core'
import { useMemo } from 'react'
import type { Length } from '../../api/activation'
import { Chart } from '../../parts/chart/Chart'
import { STATE_COLORS, type ChartColors } from '../../parts/chart/colors'
import { along } from '../../parts/chart/options'
import { DataTable } from '../../parts/table/DataTable'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { grouped } from './buckets'
import { ChartCard } from './ChartCard'
import type { Seen } from './LookPage'

interface HistogramProps extends Seen {
  chart: 'streaks' | 'intervals' | 'absences'
  rows: Length[] | null
  state: keyof typeof STATE_COLORS
}

export function Histogram({ look, wanted, chart, rows, state }: HistogramProps) {
  const texts = useTexts().activation
  const { number, short, percent } = useFormats()
  const title = texts.charts[chart]
  const option = useMemo(() => {
    const found = grouped(rows ?? [], look.word)
    return (colors: ChartColors) =>
      along({
        colors,
        categories: found.map(({ label }) => label),
        axis: short,
        told: number,
        whole: true,
        series: [
          {
            type: 'bar',
            name: texts.users,
            itemStyle: { color: STATE_COLORS[state] },
            data: found.map(({ users }) => users),
          },
        ],
      })
  }, [rows, look.word, state, texts, short, number])
  const length = texts.length[look.word as keyof typeof texts.length]
  const nothing = <Text c="dimmed">{rows ? texts.noRows : texts.notKnown}</Text>
  const chartView = <Chart label={title} option={option} height={220} />
  const table = (
    <DataTable
      name={`${look.fact}-${look.grain}-${chart}`}
      address={`${chart}-`}
      label={title}
      rows={rows ?? []}
      columns={[
        { key: 'periods', header: length, value: ({ periods }) => periods, numeric: true },
        { key: 'users', header: texts.users, value: ({ users }) => users, numeric: true },
        {
          key: 'share',
          header: texts.share,
          value: ({ share }) => share,
          cell: ({ share }) => (share === null ? '–' : percent(share)),
          numeric: true,
        },
      ]}
      id={({ periods }) => String(periods)}
    />
  )
  return (
    <ChartCard
      look={look}
      wanted={wanted}
      name={chart}
      note={look.value === null ? undefined : texts.ofAll}
      views={rows?.length ? { chart: chartView, table } : { chart: nothing }}
    />
  )
}

export function Curve({ look, wanted }: Seen) {
  const texts = useTexts().activation
  const { percent } = useFormats()
  const title = texts.charts.curve
  const length = texts.length[look.word as keyof typeof texts.length]
  const option = useMemo(
    () => (colors: ChartColors) =>
      along({
        colors,
        categories: look.curve.map(({ periods }) => String(periods)),
        axis: percent,
        told: percent,
        series: [
          {
            type: 'line',
            name: texts.returned,
            step: 'end',
            symbol: 'none',
            areaStyle: { opacity: 0.15 },
            itemStyle: { color: STATE_COLORS.Reactivated },
            data: look.curve.map(({ returned }) => returned),
          },
        ],
      }),
    [look.curve, texts, percent],
  )
  const table = (
    <DataTable
      name={`${look.fact}-${look.grain}-curve`}
      address="curve-"
      label={title}
      rows={look.curve}
      columns={[
        { key: 'periods', header: length, value: ({ periods }) => periods, numeric: true },
        { key: 'users', header: texts.users, value: ({ users }) => users, numeric: true },
        { key: 'at_risk', header: texts.atRisk, value: (row) => row.at_risk, numeric: true },
        {
          key: 'returned',
          header: texts.returned,
          value: ({ returned }) => returned,
          cell: ({ returned }) => percent(returned),
          numeric: true,
        },
      ]}
      id={({ periods }) => String(periods)}
    />
  )
  return (
    <ChartCard
      look={look}
      wanted={wanted}
      name="curve"
      note={look.value === null ? undefined : texts.ofAll}
      views={
        look.curve.length
          ? { chart: <Chart label={title} option={option} height={220} />, table }
          : { chart: <Text c="dimmed">{texts.noRows}</Text> }
      }
    />
  )
}
