/** The checks that guard a table, with their last results. */
import type { Check, Model } from '../../api/types'
import { Empty } from '../../parts/Empty'
import { Status } from '../../parts/Status'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { useTexts } from '../../texts/texts'

export function Checks({ model }: { model: Model }) {
  const { check: texts, tabs } = useTexts().models
  if (model.checks.length === 0) return <Empty title={texts.none} text={texts.noneText} />
  const columns: Column<Check>[] = [
    {
      key: 'name',
      header: texts.name,
      value: ({ name }) => name,
      cell: ({ name }) => <code>{name}</code>,
    },
    {
      key: 'passed',
      header: texts.result,
      value: ({ passed }) => passed,
      cell: ({ passed }) => <Result passed={passed} />,
    },
    { key: 'detail', header: texts.detail, value: ({ detail }) => detail },
    { key: 'partition', header: texts.partition, value: ({ partition }) => partition, short: true },
  ]
  return (
    <DataTable
      name={`${model.asset.replaceAll('/', '-')}-checks`}
      label={tabs.checks}
      rows={model.checks}
      columns={columns}
      id={({ name }) => name}
    />
  )
}

function Result({ passed }: { passed: boolean }) {
  const texts = useTexts().models.check
  return <Status tone={passed ? 'good' : 'bad'}>{passed ? texts.passed : texts.failed}</Status>
}
