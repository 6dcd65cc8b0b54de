/** How far a plan is while it runs; why it stopped; what it took against what was planned. */
import { Alert, Group, Stack, Text } from '@mantine/core'
import type { Plan, Progress } from '../../api/recovery'
import { Code } from '../../parts/Code'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import style from './Recovery.module.css'
import { useTime } from './words'

interface GoingProps {
  plan: Plan
  now: Progress
}

export function Going({ plan, now }: GoingProps) {
  if (now.running) return <Bar plan={plan} now={now} />
  return (
    <Stack gap="xs">
      <Stopped now={now} />
      {now.standing === 'done' && <Compared plan={plan} now={now} />}
    </Stack>
  )
}

function Bar({ plan, now }: GoingProps) {
  const texts = useTexts().plan
  const { going, done } = now
  const first = going?.assets.slice(0, 3).join(', ')
  return (
    <Stack gap={4}>
      <progress
        className={style.bar}
        aria-label={texts.progress}
        value={done.length}
        max={plan.steps}
      />
      <Group gap="xs" role="status">
        <Text size="sm">{texts.done(done.length, plan.steps)}</Text>
        <Text size="sm" c="dimmed">
          {going ? `${first ?? ''} ${texts.going(going.partitions)}` : texts.starting}
        </Text>
      </Group>
    </Stack>
  )
}

function Stopped({ now }: { now: Progress }) {
  const texts = useTexts().plan
  const open = now.standing === 'unfinished' || now.standing === 'failed'
  if (now.why.length === 0 && !now.words) return null
  return (
    <Alert
      role="status"
      variant="outline"
      color="red"
      title={now.why.length > 0 ? texts.failed : texts.ended}
      styles={{ title: { color: 'var(--weir-bad)' } }}
    >
      <Stack gap="xs">
        {now.why.map((reason) => (
          <Text key={reason} className={style.wide}>
            {reason}
          </Text>
        ))}
        {now.why.length === 0 && <Code text={now.words} label={texts.ended} />}
        {open && <Text>{texts.resumeText}</Text>}
      </Stack>
    </Alert>
  )
}

function Compared({ plan, now }: GoingProps) {
  const texts = useTexts().plan
  const { seconds } = useFormats()
  const time = useTime()
  const took = Object.values(now.seconds).reduce((sum, one) => sum + one, 0)
  const spared = plan.steps_of.filter(({ number }) => !(number in now.seconds)).length
  return (
    <Text role="status">
      {texts.compare(seconds(took), time(plan.estimate))} {spared > 0 && texts.spared(spared)}
    </Text>
  )
}
