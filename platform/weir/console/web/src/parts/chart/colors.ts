/** The colours of charts: of the states everywhere the same, the rest follows light and dark. */

/** As in `platform/weir/activation/charts.py`: they differ by lightness too. */
export const STATE_COLORS = {
  Retained: '#3570c0',
  New: '#3aa99b',
  Reactivated: '#f0b73f',
  Inactive: '#b5505a',
} as const

export interface ChartColors {
  text: string
  quiet: string
  line: string
  surface: string
  accent: string
  second: string
  /** The page's own: ECharts measures texts by it. */
  font: string
}

const NAMES: Record<keyof ChartColors, string> = {
  text: '--mantine-color-text',
  quiet: '--mantine-color-dimmed',
  line: '--weir-line',
  surface: '--weir-surface',
  accent: '--weir-stream-edge',
  second: '--weir-warn-fill',
  font: '--mantine-font-family',
}

/** The colours as the page has them now. */
export function readColors(): ChartColors {
  const style = getComputedStyle(document.documentElement)
  const read = (name: string) => style.getPropertyValue(name).trim() || '#888'
  return Object.fromEntries(
    Object.entries(NAMES).map(([key, name]) => [key, read(name)]),
  ) as unknown as ChartColors
}
