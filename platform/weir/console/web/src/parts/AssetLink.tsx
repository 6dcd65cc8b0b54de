/** An asset by its key, and the way to its page. A column's key leads to its table. */
import { Link } from '@tanstack/react-router'
import style from './AssetLink.module.css'

export function AssetLink({ asset, label = asset }: { asset: string; label?: string }) {
  const [stage = '', table = ''] = asset.split('/')
  return (
    <Link to="/models/$stage/$table" params={{ stage, table }} className={style.key}>
      {label}
    </Link>
  )
}

/** `event_log/orders.user_id` is a column of `event_log/orders`. */
export function ColumnLink({ column }: { column: string }) {
  return <AssetLink asset={column.split('.')[0] ?? column} label={column} />
}
