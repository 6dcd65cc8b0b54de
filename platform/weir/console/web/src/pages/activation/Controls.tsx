/** What is looked at: the fact, the periods, one part of the people, an earlier time beside them. */
import { Group, NativeSelect, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { FactEntry, Look } from '../../api/activation'
import { useAddress } from '../../parts/address'
import { View } from '../../parts/View'
import { useTexts } from '../../texts/texts'

interface ControlsProps {
  facts: FactEntry[]
  fact: FactEntry
  grain: string
  look?: Look
}

export function Controls({ facts, fact, grain, look }: ControlsProps) {
  const texts = useTexts().activation
  const navigate = useNavigate()
  const [, setGrain] = useAddress('grain', 'weekly')
  const [dim] = useAddress('dim')
  const choose = (search: Record<string, string | undefined>) => {
    void navigate({
      to: '.',
      search: (now: Record<string, string | undefined>) => ({ ...now, ...search }),
      replace: true,
      resetScroll: false,
    })
  }
  return (
    <Group gap="xs" align="flex-end">
      <NativeSelect
        label={texts.fact}
        value={fact.name}
        data={facts.map(({ name }) => name)}
        onChange={(event) =>
          choose({ fact: event.currentTarget.value, dim: undefined, value: undefined })
        }
      />
      <div>
        <View label={texts.grain} value={grain} values={texts.grains} choose={setGrain} />
      </div>
      {fact.dimensions.length > 0 && (
        <NativeSelect
          label={texts.dimension}
          value={dim}
          data={[{ value: '', label: texts.nothing }, ...fact.dimensions]}
          onChange={(event) =>
            choose({ dim: event.currentTarget.value || undefined, value: undefined })
          }
        />
      )}
      {dim && look && <ValueSelect look={look} />}
      <Day name="from" label={texts.from} shown={look?.start} />
      <Day name="to" label={texts.to} shown={look?.until} />
      {look && <AtSelect look={look} />}
      <Compare />
    </Group>
  )
}

/** A day; what the server chose is shown until one is given. */
function Day({ name, label, shown = '' }: { name: string; label: string; shown?: string }) {
  const [day, setDay] = useAddress(name)
  return (
    <TextInput
      type="date"
      label={label}
      value={day || shown}
      onChange={(event) => setDay(event.currentTarget.value)}
    />
  )
}

function ValueSelect({ look }: { look: Look }) {
  const texts = useTexts().activation
  const [value, setValue] = useAddress('value')
  return (
    <NativeSelect
      label={texts.value}
      value={value}
      data={[{ value: '', label: texts.all }, ...look.choices]}
      onChange={(event) => setValue(event.currentTarget.value)}
    />
  )
}

function AtSelect({ look }: { look: Look }) {
  const texts = useTexts().activation
  const [, setAt] = useAddress('at')
  const periods = look.periods.map(({ period }) => period).toReversed()
  const known = periods.includes(look.at) ? periods : [look.at, ...periods]
  return (
    <NativeSelect
      label={texts.at}
      value={look.at}
      data={known}
      onChange={(event) => setAt(event.currentTarget.value)}
    />
  )
}

function Compare() {
  const texts = useTexts().activation
  const [compare, setCompare] = useAddress('compare')
  return (
    <NativeSelect
      label={texts.compare}
      value={compare}
      data={[
        { value: '', label: texts.nothing },
        ...Object.entries(texts.compares).map(([value, label]) => ({ value, label })),
      ]}
      onChange={(event) => setCompare(event.currentTarget.value)}
    />
  )
}
