/** A simple chart of what a query returned: one column along, one or more up. */
import { Group, NativeSelect, Stack, Text } from '@mantine/core'
import { useCallback } from 'react'
import type { Ran } from '../../api/playground'
import { useAddress } from '../../parts/address'
import { Chart } from '../../parts/chart/Chart'
import type { ChartColors } from '../../parts/chart/colors'
import { along } from '../../parts/chart/options'
import { View } from '../../parts/View'
import { useFormats, type Formats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { isNumeric } from './Results'

const MOST = 2_000

export function ResultChart({ ran }: { ran: Ran }) {
  const texts = useTexts().playground
  const names = ran.columns.map(({ name }) => name)
  const numbers = ran.columns.filter(({ type }) => isNumeric(type)).map(({ name }) => name)
  const [wantedX, setX] = useAddress('x')
  const [wantedY, setY] = useAddress('y')
  const [kind, setKind] = useAddress('kind', 'bar')
  const x = names.includes(wantedX) ? wantedX : (names[0] ?? '')
  const y = numbers.includes(wantedY)
    ? wantedY
    : (numbers.find((name) => name !== x) ?? numbers[0] ?? '')
  if (numbers.length === 0) return <Text c="dimmed">{texts.noChart}</Text>
  return (
    <Stack gap="xs">
      <Group gap="xs" align="flex-end">
        <NativeSelect
          label={texts.x}
          value={x}
          data={[...new Set(names)]}
          onChange={(event) => setX(event.currentTarget.value)}
        />
        <NativeSelect
          label={texts.y}
          value={y}
          data={[...new Set(numbers)]}
          onChange={(event) => setY(event.currentTarget.value)}
        />
        <div>
          <View label={texts.kind} value={kind} values={texts.kinds} choose={setKind} />
        </div>
      </Group>
      <Drawn ran={ran} x={x} y={y} kind={kind} />
    </Stack>
  )
}

interface Picked {
  x: string
  y: string
  kind: string
}

function Drawn({ ran, x, y, kind }: Picked & { ran: Ran }) {
  const { number, short } = useFormats()
  const option = useCallback(
    (colors: ChartColors) => drawn(colors, ran, { x, y, kind }, { number, short }),
    [ran, x, y, kind, number, short],
  )
  return <Chart label={`${y}, ${x}`} option={option} height={340} />
}

function drawn(
  colors: ChartColors,
  ran: Ran,
  { x, y, kind }: Picked,
  { number, short }: Pick<Formats, 'number' | 'short'>,
) {
  const place = (name: string) => ran.columns.findIndex((column) => column.name === name)
  const [at, up] = [place(x), place(y)]
  const rows = ran.rows.slice(0, MOST)
  return along({
    colors,
    categories: rows.map((row) => JSON.stringify(row[at]).replaceAll('"', '')),
    axis: short,
    told: number,
    series: [
      {
        type: kind === 'line' ? 'line' : 'bar',
        name: y,
        symbol: 'none',
        itemStyle: { color: colors.accent },
        data: rows.map((row) => (row[up] === null ? null : Number(row[up]))),
      },
    ],
  })
}
