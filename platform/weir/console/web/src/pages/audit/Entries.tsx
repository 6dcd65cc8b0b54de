/** Entries of the audit log as rows. */
import { UnstyledButton } from '@mantine/core'
import type { AuditEntry } from '../../api/recovery'
import { useAddress } from '../../parts/address'
import { Status, type Tone } from '../../parts/Status'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { When } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import style from './Audit.module.css'

export const RESULT_TONES: Record<AuditEntry['result'], Tone> = {
  ok: 'good',
  refused: 'warn',
  failed: 'bad',
  running: 'quiet',
  unfinished: 'bad',
}

/** Arguments in one line, as `weir audit list` has them. */
export function told(values: AuditEntry['arguments']): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
}

export function Entries({ entries }: { entries: AuditEntry[] }) {
  const texts = useTexts().audit
  const { seconds } = useFormats()
  const [, open] = useAddress('entry')
  const columns: Column<AuditEntry>[] = [
    { key: 'at', header: texts.at, value: ({ at }) => at, cell: ({ at }) => <When at={at} /> },
    {
      key: 'action',
      header: texts.action,
      value: ({ action }) => action,
      cell: ({ id, action }) => (
        <UnstyledButton className={style.open} onClick={() => open(String(id))}>
          {action}
        </UnstyledButton>
      ),
    },
    {
      key: 'who',
      header: texts.who,
      value: ({ kind, name }) => (kind === 'person' ? name : `${kind} ${name}`),
    },
    {
      key: 'result',
      header: texts.result,
      value: ({ result }) => result,
      cell: ({ result }) => <Status tone={RESULT_TONES[result]}>{texts.results[result]}</Status>,
      short: true,
    },
    {
      key: 'took',
      header: texts.took,
      value: (entry) => entry.seconds,
      cell: (entry) => (entry.seconds === null ? '–' : seconds(entry.seconds)),
      numeric: true,
      minor: true,
    },
    {
      key: 'with',
      header: texts.with,
      value: (entry) => told(entry.arguments),
      cell: (entry) => <span className={style.with}>{told(entry.arguments)}</span>,
      minor: true,
    },
  ]
  return (
    <DataTable
      name="audit"
      label={texts.title}
      rows={entries}
      columns={columns}
      id={({ id }) => String(id)}
      nothing={texts.nothing}
    />
  )
}
