/** What of the quarantine is looked at: all of it is in the address. */
import { Button, NativeSelect, TextInput } from '@mantine/core'
import type { Groups } from '../../api/quarantine'
import { useAddress } from '../../parts/address'
import { useTexts } from '../../texts/texts'
import { NONE } from './chosen'
import style from './Quarantine.module.css'

type Name = 'event' | 'rule' | 'app'

export function Filters({ answer }: { answer: Groups }) {
  const texts = useTexts().quarantine
  const [pointer, setPointer] = useAddress('pointer')
  const [state, setState] = useAddress('state', 'waiting')
  return (
    <div className={style.filters}>
      <NativeSelect
        label={texts.filters.state}
        value={state}
        onChange={(event) => setState(event.currentTarget.value)}
        data={Object.entries(texts.states).map(([value, label]) => ({ value, label }))}
      />
      {(['event', 'rule', 'app'] as const).map((name) => (
        <Choice key={name} name={name} values={answer.choices[name]} />
      ))}
      <Day name="from" label={texts.filters.from} />
      <Day name="to" label={texts.filters.to} />
      {pointer && (
        <Button variant="default" title={texts.filters.clear} onClick={() => setPointer('')}>
          {texts.filters.pointer(pointer)} ✕
        </Button>
      )}
    </div>
  )
}

function Choice({ name, values }: { name: Name; values: string[] }) {
  const { filters } = useTexts().quarantine
  const [chosen, choose] = useAddress(name)
  const all = chosen && !values.includes(chosen) ? [chosen, ...values] : values
  return (
    <NativeSelect
      label={filters[name]}
      value={chosen}
      onChange={(event) => choose(event.currentTarget.value)}
      data={[
        { value: '', label: filters.any },
        ...all.map((value) => ({ value, label: value === NONE ? filters.none : value })),
      ]}
    />
  )
}

function Day({ name, label }: { name: 'from' | 'to'; label: string }) {
  const [day, setDay] = useAddress(name)
  return (
    <TextInput
      type="date"
      label={label}
      value={day}
      onChange={(event) => setDay(event.currentTarget.value)}
    />
  )
}
