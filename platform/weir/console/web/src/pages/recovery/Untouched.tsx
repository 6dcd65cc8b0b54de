/** What a plan leaves alone. */
import type { Plan } from '../../api/recovery'
import { AssetLink } from '../../parts/AssetLink'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { useTexts } from '../../texts/texts'

type Row = Plan['untouched'][number]

export function Untouched({ plan }: { plan: Plan }) {
  const { untouched, tabs } = useTexts().plan
  const columns: Column<Row>[] = [
    {
      key: 'name',
      header: untouched.asset,
      value: ({ name }) => name,
      cell: ({ name }) => <AssetLink asset={name} />,
    },
    { key: 'count', header: untouched.count, value: ({ count }) => count, numeric: true },
  ]
  return (
    <DataTable
      name={`${plan.id}-untouched`}
      label={tabs.untouched}
      rows={plan.untouched}
      columns={columns}
      id={({ name }) => name}
      text={({ name }) => name}
    />
  )
}
