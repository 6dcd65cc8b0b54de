/** A filter of a few values, held in the address. */
import { NativeSelect } from '@mantine/core'
import { useAddress } from './address'

interface AddressSelectProps {
  /** Its name in the address. */
  name: string
  label: string
  /** What choosing nothing is called. */
  any: string
  values: Record<string, string>
}

export function AddressSelect({ name, label, any, values }: AddressSelectProps) {
  const [chosen, choose] = useAddress(name)
  return (
    <NativeSelect
      aria-label={label}
      value={chosen}
      onChange={(event) => choose(event.currentTarget.value)}
      data={[
        { value: '', label: `${label}: ${any}` },
        ...Object.entries(values).map(([value, text]) => ({ value, label: text })),
      ]}
    />
  )
}
