/** Parts of a whole, the largest first. */
import { Title } from '@mantine/core'
import { Bars } from '../../parts/Bars'
import { useFormats } from '../../texts/numbers'

export function Shares({ title, rows }: { title: string; rows: [string, number][] }) {
  const { number, percent } = useFormats()
  const total = rows.reduce((sum, [, count]) => sum + count, 0)
  if (total === 0) return null
  return (
    <section aria-label={title}>
      <Title order={2} mb="xs">
        {title}
      </Title>
      <Bars
        rows={rows.map(([label, count]) => ({
          label,
          share: count / total,
          text: `${number(count)} · ${percent(count / total)}`,
        }))}
      />
    </section>
  )
}
