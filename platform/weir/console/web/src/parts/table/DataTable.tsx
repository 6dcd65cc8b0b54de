/** A table to work with: filter and order are held in the address, rows go out as CSV or JSON. */
import { Button, Group, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useAddress, useTyped } from '../address'
import { Scroller } from '../Scroller'
import { useTexts } from '../../texts/texts'
import { filtered, ordered, readOrder, writeOrder, type Column } from './columns'
import style from './DataTable.module.css'
import { Filter } from './Filter'
import { Head } from './Head'
import { Rows } from './Rows'
import { SaveMenu } from './SaveMenu'

interface DataTableProps<Row> {
  /** Names the table to a screen reader, and its file. */
  name: string
  /** Set before its names in the address, where a page has two tables. */
  address?: string
  label: string
  rows: Row[]
  columns: Column<Row>[]
  id: (row: Row) => string
  /** The text that the filter looks in. Without it there is no filter here. */
  text?: (row: Row) => string
  filterLabel?: string
  /** What to do when no row is left. */
  nothing?: string
  /** More filters, beside the text. */
  children?: ReactNode
}

export function DataTable<Row>(props: DataTableProps<Row>) {
  const {
    name,
    address = '',
    label,
    rows,
    columns,
    id,
    text,
    filterLabel,
    nothing,
    children,
  } = props
  const [filter, setFilter] = useTyped(`${address}q`)
  const [sort, setSort] = useAddress(`${address}sort`)
  const order = readOrder(sort)
  const shown = ordered(text ? filtered(rows, text, filter) : rows, columns, order)
  const { table } = useTexts().parts

  return (
    <section aria-label={label} className={style.frame}>
      <Group gap="xs" justify="space-between">
        <Group gap="xs" className={style.filters}>
          {text && <Filter value={filter} set={setFilter} label={filterLabel ?? table.filter} />}
          {children}
        </Group>
        <Group gap="sm">
          <Text size="sm" c="dimmed" role="status">
            {shown.length === rows.length
              ? table.rows(rows.length)
              : table.some(shown.length, rows.length)}
          </Text>
          <SaveMenu name={name} rows={shown} columns={columns} />
        </Group>
      </Group>
      <Scroller label={label}>
        <table className={style.table} aria-label={label} aria-rowcount={shown.length + 1}>
          <Head columns={columns} order={order} setOrder={(next) => setSort(writeOrder(next))} />
          <Rows rows={shown} columns={columns} id={id} />
        </table>
        {shown.length === 0 && (
          <Group className={style.nothing}>
            <Text c="dimmed">{nothing ?? table.nothing}</Text>
            {filter && (
              <Button variant="default" onClick={() => setFilter('')}>
                {table.clear}
              </Button>
            )}
          </Group>
        )}
      </Scroller>
    </section>
  )
}
