/** The runs of a plan: what each builds, why, and what it took against what was planned. */
import { Text } from '@mantine/core'
import type { Plan, PlanStep, Progress } from '../../api/recovery'
import { Status, type Tone } from '../../parts/Status'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'

type State = 'waits' | 'runs' | 'done' | 'spared' | 'failed'

const TONES: Record<State, Tone> = {
  waits: 'quiet',
  runs: 'warn',
  done: 'good',
  spared: 'quiet',
  failed: 'bad',
}
const SHOWN = 3

/** How one run stands: one that is done without having run was not needed. */
export function stateOf({ number }: PlanStep, now: Progress): State {
  if (now.going?.step === number) return 'runs'
  const ran = number in now.seconds
  if (now.done.includes(number)) return ran ? 'done' : 'spared'
  if (now.stopped.includes(number)) return 'failed'
  return 'waits'
}

export function Steps({ plan, now }: { plan: Plan; now: Progress }) {
  const { plan: all } = useTexts()
  const texts = all.step
  const { seconds } = useFormats()
  const columns: Column<PlanStep>[] = [
    { key: 'number', header: texts.number, value: ({ number }) => number, numeric: true },
    { key: 'wave', header: texts.wave, value: ({ wave }) => wave, short: true, minor: true },
    {
      key: 'what',
      header: texts.what,
      value: ({ assets, partitions }) => `${assets.join(' ')} ${partitions}`,
      cell: (step) => <What step={step} />,
    },
    {
      key: 'builds',
      header: texts.builds,
      value: ({ certain, conditional }) => certain + conditional,
      cell: (step) => <Builds step={step} />,
      minor: true,
    },
    {
      key: 'planned',
      header: texts.planned,
      value: ({ estimate }) => estimate.p50,
      cell: ({ estimate: { p50, p90 } }) =>
        p50 === null || p90 === null ? '–' : `${seconds(p50)} – ${seconds(p90)}`,
      minor: true,
      short: true,
    },
    {
      key: 'took',
      header: texts.actual,
      value: ({ number }) => now.seconds[number] ?? null,
      cell: ({ number }) => {
        const took = now.seconds[number]
        return took === undefined ? '–' : seconds(took)
      },
      numeric: true,
    },
    {
      key: 'state',
      header: texts.state,
      value: (step) => stateOf(step, now),
      cell: (step) => {
        const state = stateOf(step, now)
        return <Status tone={TONES[state]}>{all.states[state]}</Status>
      },
      short: true,
    },
  ]
  return (
    <DataTable
      name={plan.id}
      label={all.tabs.steps}
      rows={plan.steps_of}
      columns={columns}
      id={({ number }) => String(number)}
    />
  )
}

function What({ step }: { step: PlanStep }) {
  const texts = useTexts().plan.step
  const more = step.assets.length - SHOWN
  return (
    <>
      <div>
        <code>{step.assets.slice(0, SHOWN).join(', ')}</code>
        {more > 0 && ` ${texts.more(more)}`} {step.partitions}
      </div>
      {step.causes.map((cause) => (
        <Text key={cause} size="xs" c="dimmed">
          {cause}
        </Text>
      ))}
    </>
  )
}

function Builds({ step: { certain, conditional } }: { step: PlanStep }) {
  const { plan, recovery } = useTexts()
  if (certain === 0) return plan.step.onlyIf(conditional)
  return (
    <>
      {recovery.partitions(certain)}
      {conditional > 0 && (
        <Text size="xs" c="dimmed">
          {plan.step.conditional(conditional)}
        </Text>
      )}
    </>
  )
}
