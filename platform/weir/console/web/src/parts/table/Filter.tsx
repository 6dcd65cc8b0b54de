/** The field of a table that `/` goes to. */
import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { ICON } from '../icons'
import style from './DataTable.module.css'

interface FilterProps {
  value: string
  set: (value: string) => void
  label: string
}

export function Filter({ value, set, label }: FilterProps) {
  return (
    <TextInput
      data-filter
      type="search"
      className={style.filter}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch {...ICON} />}
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
    />
  )
}
