/** A series as a small picture; what it shows is also said in words. */
import { useFormats } from '../texts/numbers'
import { useTexts } from '../texts/texts'
import style from './Sparkline.module.css'

const WIDTH = 96
const HEIGHT = 22
const EDGE = 1.5

/** Points of a line that fills the picture, from zero to the highest value. */
export function points(values: number[], width = WIDTH, height = HEIGHT): [number, number][] {
  const peak = Math.max(...values, 1)
  const step = values.length > 1 ? (width - 2 * EDGE) / (values.length - 1) : 0
  return values.map((value, index) => [
    EDGE + index * step,
    height - EDGE - (value / peak) * (height - 2 * EDGE),
  ])
}

export function Sparkline({ values }: { values: number[] }) {
  const { parts } = useTexts()
  const { number } = useFormats()
  const last = values.at(-1)
  if (last === undefined) return null
  const line = points(values)
    .map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`)
    .join(' L')
  const text = parts.trend(number(last), number(Math.max(...values)), values.length)
  return (
    <svg
      className={style.spark}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={text}
    >
      <title>{text}</title>
      <path className={style.area} d={`M${EDGE} ${HEIGHT} L${line} L${WIDTH - EDGE} ${HEIGHT}Z`} />
      <path className={style.line} d={`M${line}`} />
    </svg>
  )
}
