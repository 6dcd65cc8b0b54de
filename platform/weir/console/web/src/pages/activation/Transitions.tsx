/** The matrix of states: a table that is coloured by share, and the same as a flow. */
import { useMemo } from 'react'
import type { Look, Move } from '../../api/activation'
import { Chart, type Option } from '../../parts/chart/Chart'
import { STATE_COLORS, type ChartColors } from '../../parts/chart/colors'
import { Scroller } from '../../parts/Scroller'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { ChartCard } from './ChartCard'
import type { Seen } from './LookPage'
import style from './Activation.module.css'

const STATES = ['New', 'Retained', 'Reactivated', 'Inactive'] as const
const BEFORE = ['Not seen before', ...STATES] as const

export function Transitions({ look, wanted }: Seen) {
  const texts = useTexts().activation
  const { number } = useFormats()
  const option = useMemo(
    () => (colors: ChartColors) => flow(look.transitions, colors, texts, number),
    [look.transitions, texts, number],
  )
  return (
    <ChartCard
      look={look}
      wanted={wanted}
      name="transitions"
      views={{
        table: <Matrix look={look} />,
        flow: (
          <Chart label={`${texts.charts.transitions} ${look.at}`} option={option} height={320} />
        ),
      }}
    />
  )
}

function Matrix({ look }: { look: Look }) {
  const texts = useTexts().activation
  const title = `${texts.charts.transitions}, ${look.at}`
  return (
    <Scroller label={title}>
      <table className={style.matrix} aria-label={title}>
        <thead>
          <tr>
            <th scope="col">
              {texts.before} \ {texts.after}
            </th>
            {STATES.map((state) => (
              <th key={state} scope="col">
                {texts.states[state]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {BEFORE.map((before) => (
            <tr key={before}>
              <th scope="row">{texts.states[before]}</th>
              {STATES.map((state) => (
                <Cell key={state} move={find(look.transitions, before, state)} state={state} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  )
}

function Cell({ move, state }: { move?: Move; state: (typeof STATES)[number] }) {
  const { number, percent } = useFormats()
  const { users = null, share = null } = move ?? {}
  if (!users) return <td style={{ '--part': 0 }}>{users === null ? '–' : 0}</td>
  return (
    <td style={{ '--part': share ?? 0, '--state': STATE_COLORS[state] }}>
      {number(users)}
      {share !== null && <small>{percent(share)}</small>}
    </td>
  )
}

const find = (moves: Move[], before: string, state: string) =>
  moves.find((move) => move.previous_state === before && move.state === state)

type Words = ReturnType<typeof useTexts>['activation']

/** Who stayed away is left out of the flow: they are so many that nothing else would be seen. */
export function flow(
  moves: Move[],
  colors: ChartColors,
  texts: Words,
  number: (value: number) => string,
): Option {
  const shown = moves.filter(
    ({ users, previous_state, state }) =>
      users !== null && users > 0 && !(previous_state === 'Inactive' && state === 'Inactive'),
  )
  const label = (name: string) =>
    texts.states[name.replace(/^[<>]/, '') as keyof typeof texts.states]
  const nodes = [...new Set(shown.flatMap((move) => [`<${move.previous_state}`, `>${move.state}`]))]
  return {
    animation: false,
    textStyle: { color: colors.text, fontFamily: colors.font },
    tooltip: {
      confine: true,
      backgroundColor: colors.surface,
      borderColor: colors.line,
      textStyle: { color: colors.text, fontSize: 12 },
      valueFormatter: (value: unknown) => (typeof value === 'number' ? number(value) : ''),
    },
    series: [
      {
        type: 'sankey',
        left: 8,
        right: 110,
        top: 8,
        bottom: 8,
        draggable: false,
        nodeAlign: 'justify',
        lineStyle: { color: 'target', opacity: 0.45 },
        label: {
          color: colors.text,
          formatter: ({ name }: { name: string }) => label(name),
        },
        data: nodes.map((name) => ({
          name,
          itemStyle: { color: colorOf(name, colors) },
          tooltip: { formatter: label(name) },
        })),
        links: shown.map(({ previous_state, state, users }) => ({
          source: `<${previous_state}`,
          target: `>${state}`,
          value: users,
          tooltip: {
            formatter: `${texts.states[previous_state as keyof typeof texts.states]} → ${
              texts.states[state as keyof typeof texts.states]
            }: ${number(users ?? 0)}`,
          },
        })),
      },
    ],
  }
}

function colorOf(name: string, colors: ChartColors): string {
  const state = name.slice(1)
  return state in STATE_COLORS ? STATE_COLORS[state as keyof typeof STATE_COLORS] : colors.quiet
}
