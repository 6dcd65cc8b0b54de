/**
 * A chart of ECharts. It fills its place, follows light and dark, and says in words what it shows;
 * its numbers stand in a table beside it, which is the page's business.
 */
import { useComputedColorScheme } from '@mantine/core'
import type { EChartsCoreOption } from 'echarts/core'
import { useEffect, useRef } from 'react'
import { readColors, type ChartColors } from './colors'
import type { EChartsType } from './echarts'
import style from './Chart.module.css'

export type Option = EChartsCoreOption

interface ChartProps {
  /** What it shows, for who does not see it. */
  label: string
  option: (colors: ChartColors) => Option
  /** Pixels. */
  height?: number
  /** Called with the first and last category of a stretch that was drawn over the chart. */
  onStretch?: (first: number, last: number) => void
}

export function Chart({ label, option, height = 280, onStretch }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<EChartsType>(null)
  const latest = useRef({ option, onStretch })
  const scheme = useComputedColorScheme('light')

  useEffect(() => {
    latest.current = { option, onStretch }
  })

  useEffect(() => {
    const element = place.current
    if (!element) return
    let gone = false
    const watch = new ResizeObserver(() => chart.current?.resize())
    void import('./echarts').then(({ init }) => {
      if (gone) return
      const made = init(element, null, { renderer: 'svg' })
      chart.current = made
      made.setOption(latest.current.option(readColors()))
      made.on('brushEnd', (event) => stretched(event, latest.current.onStretch))
      if (latest.current.onStretch) {
        const cursor = { key: 'brush', brushOption: { brushType: 'lineX', brushMode: 'single' } }
        made.dispatchAction({
          type: 'takeGlobalCursor',
          ...cursor,
        })
      }
      watch.observe(element)
    })
    return () => {
      gone = true
      watch.disconnect()
      chart.current?.dispose()
      chart.current = null
    }
  }, [])

  useEffect(() => {
    chart.current?.setOption(option(readColors()), { notMerge: true })
    if (onStretch)
      chart.current?.dispatchAction({
        type: 'takeGlobalCursor',
        key: 'brush',
        brushOption: { brushType: 'lineX', brushMode: 'single' },
      })
  }, [option, onStretch, scheme])

  return (
    <div ref={place} className={style.chart} role="img" aria-label={label} style={{ height }} />
  )
}

function stretched(event: unknown, tell: ChartProps['onStretch']): void {
  const { areas } = event as { areas: { coordRange?: [number, number] }[] }
  const range = areas[0]?.coordRange
  if (range) tell?.(range[0], range[1])
}
