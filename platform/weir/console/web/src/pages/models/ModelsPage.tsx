/** Every table of the platform. */
import { useQuery } from '@tanstack/react-query'
import { models } from '../../api/queries'
import type { ModelRow } from '../../api/types'
import { useAddress } from '../../parts/address'
import { AddressSelect } from '../../parts/AddressSelect'
import { Asked } from '../../parts/Asked'
import { Empty } from '../../parts/Empty'
import { Page } from '../../parts/Page'
import { DataTable } from '../../parts/table/DataTable'
import { useTexts } from '../../texts/texts'
import { useModelColumns } from './listColumns'

export function ModelsPage() {
  const texts = useTexts().models
  const query = useQuery(models)
  return (
    <Page title={texts.title} lead={texts.lead}>
      <Asked query={query}>
        {({ models: rows }) =>
          rows.length === 0 ? (
            <Empty title={texts.emptyTitle} text={texts.emptyText} command="weir events generate" />
          ) : (
            <Tables rows={rows} />
          )
        }
      </Asked>
    </Page>
  )
}

function Tables({ rows }: { rows: ModelRow[] }) {
  const { models: texts, home } = useTexts()
  const columns = useModelColumns()
  const [stage] = useAddress('stage')
  const names: Record<string, string> = home.stages
  const stages = [...new Set(rows.map((row) => row.stage))]
  return (
    <DataTable
      name="models"
      label={texts.title}
      rows={stage ? rows.filter((row) => row.stage === stage) : rows}
      columns={columns}
      id={({ asset }) => asset}
      text={({ asset, owner, description }) => `${asset} ${owner} ${description}`}
      filterLabel={texts.filter}
    >
      <AddressSelect
        name="stage"
        label={texts.stage}
        any={texts.any}
        values={Object.fromEntries(stages.map((name) => [name, names[name] ?? name]))}
      />
    </DataTable>
  )
}
