/** What the options of all charts share. */
import type { ChartColors } from './colors'
import type { Option } from './Chart'

interface Shared {
  colors: ChartColors
  categories: string[]
  /** Writes a value of the axis. */
  axis: (value: number) => string
  /** Writes a value in the tooltip. */
  told: (value: number) => string
  series: Option[]
  legend?: boolean
  /** Whether the values are whole numbers. */
  whole?: boolean
  more?: Option
}

/** Categories along, values up; a tooltip for each category. */
export function along({
  colors,
  categories,
  axis,
  told,
  series,
  legend,
  whole,
  more,
}: Shared): Option {
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { color: colors.text, fontFamily: colors.font },
    grid: { left: 8, right: 12, top: legend ? 36 : 12, bottom: 4, containLabel: true },
    legend: legend
      ? {
          type: 'scroll',
          top: 0,
          left: 0,
          textStyle: { color: colors.text },
          itemWidth: 14,
          itemHeight: 10,
        }
      : undefined,
    tooltip: {
      trigger: 'axis',
      confine: true,
      axisPointer: { type: 'shadow', shadowStyle: { color: colors.line, opacity: 0.35 } },
      backgroundColor: colors.surface,
      borderColor: colors.line,
      textStyle: { color: colors.text, fontSize: 12 },
      valueFormatter: (value: unknown) => (typeof value === 'number' ? told(value) : '–'),
    },
    xAxis: {
      type: 'category',
      data: categories,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colors.line } },
      axisLabel: { color: colors.quiet, hideOverlap: true },
    },
    yAxis: {
      type: 'value',
      minInterval: whole ? 1 : undefined,
      axisLabel: { color: colors.quiet, formatter: axis },
      splitLine: { lineStyle: { color: colors.line } },
    },
    series,
    ...more,
  }
}

/** A hatch over what is not complete. */
export const HATCH = {
  symbol: 'rect',
  dashArrayX: [1, 0],
  dashArrayY: [2, 5],
  rotation: Math.PI / 4,
  color: 'rgba(0, 0, 0, 0.35)',
} as const
