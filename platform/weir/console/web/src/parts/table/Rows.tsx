/** The body of a table. A long one draws only the rows near the window. */
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useRef, useState, type ReactNode } from 'react'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import type { Column, Value } from './columns'
import style from './DataTable.module.css'

export interface RowsProps<Row> {
  rows: Row[]
  columns: Column<Row>[]
  id: (row: Row) => string
}

const ROW_HEIGHT = 37
const MANY = 200

export function Rows<Row>(props: RowsProps<Row>) {
  return props.rows.length > MANY ? <ManyRows {...props} /> : <FewRows {...props} />
}

function FewRows<Row>({ rows, columns, id }: RowsProps<Row>) {
  return (
    <tbody>
      {rows.map((row) => (
        <tr key={id(row)}>
          <Cells row={row} columns={columns} />
        </tr>
      ))}
    </tbody>
  )
}

function ManyRows<Row>({ rows, columns, id }: RowsProps<Row>) {
  const body = useRef<HTMLTableSectionElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    setTop((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY)
  }, [])
  const window_ = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_HEIGHT,
    scrollMargin: top,
    overscan: 12,
  })
  const drawn = window_.getVirtualItems()
  const before = (drawn[0]?.start ?? top) - top
  const after = window_.getTotalSize() - ((drawn.at(-1)?.end ?? top) - top)
  return (
    <tbody ref={body}>
      <Gap height={before} />
      {drawn.map(({ index }) => {
        const row = rows[index]
        return (
          row && (
            <tr
              key={id(row)}
              data-index={index}
              aria-rowindex={index + 2}
              ref={window_.measureElement}
            >
              <Cells row={row} columns={columns} />
            </tr>
          )
        )
      })}
      <Gap height={after} />
    </tbody>
  )
}

function Gap({ height }: { height: number }) {
  return height > 0 ? <tr aria-hidden="true" style={{ height }} className={style.gap} /> : null
}

function Cells<Row>({ row, columns }: { row: Row; columns: Column<Row>[] }) {
  return columns.map(({ key, value, cell, numeric, short, minor }) => (
    <td
      key={key}
      data-numeric={numeric || undefined}
      data-short={short || undefined}
      data-minor={minor || undefined}
    >
      {cell ? cell(row) : <Plain value={value(row)} />}
    </td>
  ))
}

function Plain({ value }: { value: Value }): ReactNode {
  const { parts } = useTexts()
  const { number } = useFormats()
  if (value === null || value === '') return <span className={style.absent}>–</span>
  if (typeof value === 'number') return number(value)
  if (typeof value === 'boolean') return value ? parts.yes : parts.no
  return value
}
