/** What the checks of the registry found, with what to do. */
import type { Event } from '../../api/types'
import { Empty } from '../../parts/Empty'
import { Status } from '../../parts/Status'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { useTexts, worded } from '../../texts/texts'

type Finding = Event['findings'][number]

export function Findings({ findings }: { findings: Finding[] }) {
  const texts = useTexts().events
  if (findings.length === 0) return <Empty title={texts.noFindings} text={texts.noFindingsText} />
  const columns: Column<Finding>[] = [
    {
      key: 'severity',
      header: texts.versions.rule,
      value: ({ severity }) => severity,
      cell: ({ severity }) => (
        <Status tone={severity === 'error' ? 'bad' : 'warn'}>
          {worded(texts.severities, severity)}
        </Status>
      ),
    },
    {
      key: 'pointer',
      header: texts.versions.where,
      value: ({ pointer }) => pointer,
      cell: ({ pointer }) => <code>{pointer}</code>,
    },
    { key: 'text', header: texts.versions.reason, value: ({ text }) => text },
    { key: 'remedy', header: texts.versions.remedy, value: ({ remedy }) => remedy },
  ]
  return (
    <DataTable
      name="findings"
      label={texts.tabs.findings}
      rows={findings}
      columns={columns}
      id={({ pointer, text }) => `${pointer} ${text}`}
    />
  )
}
