/** Events over time, with their intervals; a stretch that is drawn over them narrows the time. */
import { Group, Title } from '@mantine/core'
import { useCallback, useMemo, useState } from 'react'
import type { Bar, Found } from '../../api/search'
import { Chart } from '../../parts/chart/Chart'
import type { ChartColors } from '../../parts/chart/colors'
import { along } from '../../parts/chart/options'
import { DataTable } from '../../parts/table/DataTable'
import { View } from '../../parts/View'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { bins } from './bins'
import { useChange } from './wanted'
import sheet from '../../parts/Sheet.module.css'
import style from './Search.module.css'

export function OverTime({ found }: { found: Found }) {
  const texts = useTexts().search
  const { number, short, time } = useFormats()
  const change = useChange()
  const [view, setView] = useState('chart')
  const shown = useMemo(() => bins(found.bars, found.bar_seconds), [found.bars, found.bar_seconds])
  const narrow = useCallback(
    (first: number, last: number) => {
      const start = shown[Math.max(0, first)]
      const end = shown[Math.min(shown.length - 1, last)]
      if (!start || !end) return
      const until = new Date(new Date(end.start).getTime() + found.bar_seconds * 1000)
      change({ from: start.start, to: until.toISOString().replace('.000Z', 'Z') })
    },
    [shown, found.bar_seconds, change],
  )
  const option = useMemo(
    () => (colors: ChartColors) => bars(shown, colors, found.bar_seconds, texts, { number, short }),
    [shown, found.bar_seconds, texts, number, short],
  )
  if (found.bars.length === 0) return null
  const label = texts.overTimeText(number(Math.round(found.count.estimate)), found.bars.length)
  return (
    <section className={`${sheet.sheet} ${style.panel}`} aria-label={texts.overTime}>
      <Group justify="space-between" mb={4}>
        <Title order={2}>{texts.overTime}</Title>
        <View
          label={texts.overTime}
          value={view}
          choose={setView}
          values={{ chart: texts.chart, table: texts.table }}
        />
      </Group>
      {view === 'chart' ? (
        <Chart label={label} option={option} height={180} onStretch={narrow} />
      ) : (
        <DataTable
          name="over-time"
          address="bars-"
          label={texts.overTime}
          rows={found.bars}
          columns={[
            {
              key: 'start',
              header: texts.start,
              value: ({ start }) => start,
              cell: ({ start }) => time(new Date(start)),
            },
            { key: 'matched', header: texts.matched, value: (row) => row.matched, numeric: true },
            {
              key: 'estimate',
              header: texts.events,
              value: (row) => Math.round(row.estimate),
              numeric: true,
            },
            { key: 'low', header: texts.low, value: (row) => Math.round(row.low), numeric: true },
            {
              key: 'high',
              header: texts.high,
              value: (row) => Math.round(row.high),
              numeric: true,
            },
          ]}
          id={({ start }) => start}
        />
      )}
    </section>
  )
}

const DAY = 86_400

function bars(
  shown: Bar[],
  colors: ChartColors,
  seconds: number,
  texts: ReturnType<typeof useTexts>['search'],
  { number, short }: { number: (value: number) => string; short: (value: number) => string },
) {
  const write = (start: string) =>
    seconds >= DAY ? start.slice(0, 10) : start.slice(5, 16).replace('T', ' ')
  return along({
    colors,
    categories: shown.map(({ start }) => write(start)),
    axis: short,
    told: number,
    whole: true,
    series: [
      {
        type: 'bar',
        name: texts.events,
        barCategoryGap: '15%',
        itemStyle: { color: colors.accent },
        data: shown.map(({ estimate }) => Math.round(estimate)),
      },
      ...(['low', 'high'] as const).map((end) => ({
        type: 'line',
        name: texts[end],
        symbol: 'rect',
        symbolSize: [8, 1.5],
        itemStyle: { color: colors.text },
        lineStyle: { width: 0 },
        data: shown.map((bar) => (bar.low < bar.high ? Math.round(bar[end]) : null)),
      })),
    ],
    more: {
      brush: {
        xAxisIndex: 0,
        brushStyle: { color: 'rgba(43, 157, 185, 0.2)', borderColor: colors.accent },
        outOfBrush: { colorAlpha: 1 },
      },
    },
  })
}
