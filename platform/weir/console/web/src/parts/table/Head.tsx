/** The head of a table: each name is a button that orders the rows. */
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { ICON } from '../icons'
import { nextOrder, type Column, type Order } from './columns'
import style from './DataTable.module.css'

interface HeadProps<Row> {
  columns: Column<Row>[]
  order: Order | null
  setOrder: (order: Order | null) => void
}

export function Head<Row>({ columns, order, setOrder }: HeadProps<Row>) {
  return (
    <thead>
      <tr>
        {columns.map(({ key, header, numeric = false, minor }) => {
          const mine = order?.key === key ? order : null
          return (
            <th
              key={key}
              scope="col"
              data-numeric={numeric || undefined}
              data-minor={minor || undefined}
              aria-sort={mine ? (mine.descending ? 'descending' : 'ascending') : undefined}
            >
              <button
                type="button"
                className={style.sort}
                onClick={() => setOrder(nextOrder(order, key, numeric))}
              >
                {header}
                {mine &&
                  (mine.descending ? (
                    <IconArrowDown {...ICON} size={13} />
                  ) : (
                    <IconArrowUp {...ICON} size={13} />
                  ))}
              </button>
            </th>
          )
        })}
      </tr>
    </thead>
  )
}
