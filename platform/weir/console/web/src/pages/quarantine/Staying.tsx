/** Why events stay in quarantine: counts by rule, and examples. */
import { Stack, Text } from '@mantine/core'
import type { Report } from '../../api/quarantine'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import style from './Quarantine.module.css'

const FEW = 5

export function Staying({ report, title }: { report: Report; title: string }) {
  const { parts } = useTexts()
  const { number } = useFormats()
  const reasons = Object.entries(report.reasons)
  if (reasons.length === 0) return null
  return (
    <Stack gap={4}>
      <Text size="sm">
        {title} {reasons.map(([rule, rows]) => `${number(rows)} ${rule}`).join(', ')}
      </Text>
      <ul className={style.list}>
        {report.examples.slice(0, FEW).map(({ receipt, pointer, expected, found, remedy }) => (
          <li key={receipt}>
            <Text size="sm" component="span">
              <code>{pointer || parts.json.whole}</code> {parts.json.expected(expected, found)}{' '}
              {remedy}
            </Text>
          </li>
        ))}
      </ul>
    </Stack>
  )
}
