/** Two or three ways to look at the same thing. */
import { SegmentedControl } from '@mantine/core'

interface ViewProps {
  label: string
  value: string
  values: Record<string, string>
  choose: (value: string) => void
}

export function View({ label, value, values, choose }: ViewProps) {
  return (
    <SegmentedControl
      size="xs"
      aria-label={label}
      value={value}
      onChange={choose}
      data={Object.entries(values).map(([key, text]) => ({ value: key, label: text }))}
      style={{ alignSelf: 'flex-start' }}
    />
  )
}
