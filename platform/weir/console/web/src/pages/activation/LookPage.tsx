/** One look: its figures, and its charts. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { IconHourglass } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { Look, Wanted } from '../../api/activation'
import { useAddress } from '../../parts/address'
import { Code } from '../../parts/Code'
import { Facts } from '../../parts/Facts'
import { ICON } from '../../parts/icons'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { Curve, Histogram } from './Histograms'
import { Decomposition } from './Decomposition'
import { Ratio } from './Ratio'
import { Transitions } from './Transitions'
import { Values } from './Values'
import style from './Activation.module.css'

export interface Seen {
  look: Look
  wanted: Wanted
}

export function LookPage({ look, wanted }: Seen) {
  const texts = useTexts().activation
  const { number } = useFormats()
  const [alone, show] = useAddress('chart')
  const late = look.periods.filter((period) => !period.is_complete)
  return (
    <Stack gap="md">
      {look.computed_from !== null && (
        <Alert variant="outline" color="water" icon={<IconHourglass {...ICON} />}>
          <Stack gap="xs" align="flex-start">
            <Text>{texts.computed(number(look.computed_from))}</Text>
            <Code
              command
              label={texts.computed(number(look.computed_from))}
              text={`weir activation add ${look.fact} --grain ${look.grain}`}
            />
          </Stack>
        </Alert>
      )}
      <Figures look={look} />
      {late.length > 0 && (
        <Text role="note" className={style.late}>
          {texts.incomplete(
            texts.words[look.word as keyof typeof texts.words],
            late.map(({ period }) => period).join(', '),
          )}
        </Text>
      )}
      {look.before && (
        <Text c="dimmed" size="sm">
          {texts.compared(look.before.start, look.before.until)}
        </Text>
      )}
      {look.before_missing && (
        <Text role="note" size="sm">
          {look.before_missing}
        </Text>
      )}
      {alone && (
        <Group>
          <Button variant="default" onClick={() => show('')}>
            {texts.every}
          </Button>
        </Group>
      )}
      <Cards look={look} wanted={wanted} alone={alone} />
    </Stack>
  )
}

function Cards({ look, wanted, alone }: Seen & { alone: string }) {
  const seen = { look, wanted }
  const cards: Record<string, { wide?: boolean; card: ReactNode }> = {
    decomposition: { wide: true, card: <Decomposition {...seen} /> },
    pulse: { card: <Ratio {...seen} chart="pulse" of="pulse" /> },
    churn: { card: <Ratio {...seen} chart="churn" of="churn_rate" /> },
    ...(look.values && { values: { wide: true, card: <Values {...seen} /> } }),
    transitions: { wide: true, card: <Transitions {...seen} /> },
    streaks: { card: <Histogram {...seen} chart="streaks" rows={look.streaks} state="Retained" /> },
    intervals: {
      card: <Histogram {...seen} chart="intervals" rows={look.intervals} state="Reactivated" />,
    },
    curve: { card: <Curve {...seen} /> },
    absences: {
      card: <Histogram {...seen} chart="absences" rows={look.absences} state="Inactive" />,
    },
  }
  const shown = Object.entries(cards).filter(([name]) => !(alone in cards) || name === alone)
  return (
    <div className={style.cards}>
      {shown.map(([name, { wide, card }]) => (
        <div key={name} data-wide={wide ?? shown.length === 1}>
          {card}
        </div>
      ))}
    </div>
  )
}

function Figures({ look }: { look: Look }) {
  const texts = useTexts().activation
  const { number, percent } = useFormats()
  const index = look.periods.findIndex(({ period }) => period === look.at)
  const row = look.periods[index]
  const change = index < 0 ? undefined : look.before?.differences[index]
  if (!row) return null
  const count = (value: number | null, of?: number | null, less?: number | null) => (
    <>
      <span className={style.figure}>{value === null ? '–' : number(value)}</span>
      {of != null && <span className={style.note}> {percent(of)}</span>}
      {less != null && <span className={style.note}> {signed(less, number)}</span>}
    </>
  )
  return (
    <Facts
      facts={{
        [`${texts.period} (${look.zone})`]: <span className={style.figure}>{look.at}</span>,
        [texts.active]: count(row.active, null, change?.active),
        [texts.states.New]: count(row.new_users, row.new_share, change?.new_users),
        [texts.states.Retained]: count(row.retained, row.retained_share, change?.retained),
        [texts.states.Reactivated]: count(
          row.reactivated,
          row.reactivated_share,
          change?.reactivated,
        ),
        [texts.went]: count(row.went, row.churn_rate, change?.went),
        [texts.pulse]: count(row.pulse, null, change?.pulse),
      }}
    />
  )
}

/** A difference with its sign: the minus is the typographic one. */
export function signed(value: number, number: (value: number) => string): string {
  return value < 0 ? `−${number(-value)}` : `+${number(value)}`
}
