/** The last runs that wrote a table. */
import { useQuery } from '@tanstack/react-query'
import { session } from '../../api/queries'
import type { Model, Run } from '../../api/types'
import { Empty } from '../../parts/Empty'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { When } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'

export function Runs({ model }: { model: Model }) {
  const { models } = useTexts()
  const { seconds } = useFormats()
  const texts = models.run
  if (model.runs.length === 0) {
    const command = `weir run ${model.asset}`
    return <Empty title={texts.none} text={texts.noneText} command={command} />
  }
  const columns: Column<Run>[] = [
    { key: 'at', header: texts.at, value: ({ at }) => at, cell: ({ at }) => <When at={at} /> },
    {
      key: 'partitions',
      header: texts.partitions,
      value: ({ partitions }) => partitions,
      numeric: true,
    },
    { key: 'rows', header: models.rows, value: ({ rows }) => rows, numeric: true },
    {
      key: 'seconds',
      header: texts.seconds,
      value: (run) => run.seconds,
      cell: (run) => seconds(run.seconds),
      numeric: true,
    },
    {
      key: 'run',
      header: texts.id,
      value: ({ run }) => run,
      cell: ({ run }) => <RunLink run={run} />,
    },
  ]
  return (
    <DataTable
      name={`${model.asset.replaceAll('/', '-')}-runs`}
      label={models.tabs.runs}
      rows={model.runs}
      columns={columns}
      id={({ run }) => run}
    />
  )
}

function RunLink({ run }: { run: string }) {
  const dagster = useQuery(session).data?.dagster
  return dagster ? (
    <a href={`${dagster}runs/${run}`}>
      <code>{run}</code>
    </a>
  ) : (
    <code>{run}</code>
  )
}
