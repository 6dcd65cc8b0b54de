/** Places that others changed too: for each, which side is kept. */
import { Alert, Group, Radio, SimpleGrid, Stack, Text } from '@mantine/core'
import type { Conflict } from './api'
import style from './Verdict.module.css'
import { useBuilderTexts } from './texts'

export type Sides = Record<string, 'mine' | 'theirs'>

interface Props {
  conflicts: Conflict[]
  sides: Sides
  choose: (sides: Sides) => void
}

export function Conflicts({ conflicts, sides, choose }: Props) {
  const { conflict: texts } = useBuilderTexts()
  return (
    <Stack gap="sm">
      <Alert
        variant="outline"
        color="yellow"
        title={texts.title(conflicts.length)}
        styles={{ title: { color: 'var(--weir-warn)' } }}
      >
        {texts.text}
      </Alert>
      {conflicts.map((one) => (
        <Radio.Group
          key={one.id}
          label={
            <code>
              {one.path.split('/').at(-1)} {one.pointer || '/'}
            </code>
          }
          description={one.remedy}
          value={sides[one.id] ?? ''}
          onChange={(side) => choose({ ...sides, [one.id]: side === 'mine' ? 'mine' : 'theirs' })}
        >
          <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="xs" mt="xs">
            <Value label={texts.base} value={one.base} />
            <Value label={texts.mine} value={one.mine} side="mine" />
            <Value label={texts.theirs} value={one.theirs} side="theirs" />
          </SimpleGrid>
        </Radio.Group>
      ))}
    </Stack>
  )
}

function Value({
  label,
  value,
  side,
}: {
  label: string
  value: unknown
  side?: 'mine' | 'theirs'
}) {
  const { conflict: texts } = useBuilderTexts()
  return (
    <Stack gap={4}>
      <Group gap="xs">
        {side ? (
          <Radio size="xs" value={side} label={label} />
        ) : (
          <Text size="xs" c="dimmed">
            {label}
          </Text>
        )}
      </Group>
      <pre className={style.value}>
        {value === undefined ? texts.absent : JSON.stringify(value, null, 2)}
      </pre>
    </Stack>
  )
}
