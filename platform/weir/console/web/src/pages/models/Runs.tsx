/** The last runs that wrote a table. */
import type { Model, Run } from '../../api/types'
import { Empty } from '../../parts/Empty'
import { Status, type Tone } from '../../parts/Status'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { When } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'

/** Dagster's own words, which the API passes on. */
const TONES: Record<string, Tone> = { success: 'good', failure: 'bad', canceled: 'warn' }

export function Runs({ model }: { model: Model }) {
  const { models, parts } = useTexts()
  const { seconds } = useFormats()
  const texts = models.run
  const states: Record<string, string> = parts.runs
  if (model.runs.length === 0) {
    const command = `weir run ${model.asset}`
    return <Empty title={texts.none} text={texts.noneText} command={command} />
  }
  const columns: Column<Run>[] = [
    { key: 'at', header: texts.at, value: ({ at }) => at, cell: ({ at }) => <When at={at} /> },
    {
      key: 'state',
      header: texts.state,
      value: ({ state }) => state,
      cell: ({ state }) => {
        const known = state.toLowerCase()
        return <Status tone={TONES[known] ?? 'quiet'}>{states[known] ?? state}</Status>
      },
    },
    {
      key: 'seconds',
      header: texts.seconds,
      value: (run) => run.seconds,
      cell: (run) => (run.seconds === null ? '–' : seconds(run.seconds)),
      numeric: true,
    },
    { key: 'id', header: texts.id, value: ({ id }) => id, cell: ({ id }) => <code>{id}</code> },
  ]
  return (
    <DataTable
      name={`${model.asset.replaceAll('/', '-')}-runs`}
      label={models.tabs.runs}
      rows={model.runs}
      columns={columns}
      id={({ id }) => id}
    />
  )
}
