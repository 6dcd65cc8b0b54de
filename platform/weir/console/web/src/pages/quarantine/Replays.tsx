/** The replays that were started from the console since it started. */
import { useQuery } from '@tanstack/react-query'
import { replays, type Replay } from '../../api/quarantine'
import { Asked } from '../../parts/Asked'
import { Empty } from '../../parts/Empty'
import { Status, type Tone } from '../../parts/Status'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { When } from '../../parts/When'
import { useTexts } from '../../texts/texts'

const TONES: Record<Replay['state'], Tone> = { running: 'warn', done: 'good', failed: 'bad' }
const LOG = 'weir audit list --action quarantine.replay'

export function Replays() {
  const texts = useTexts().quarantine
  const { columns: names } = texts
  const query = useQuery(replays)
  const columns: Column<Replay>[] = [
    {
      key: 'began',
      header: names.began,
      value: ({ began_at }) => began_at,
      cell: ({ began_at }) => <When at={began_at} />,
      short: true,
    },
    { key: 'by', header: names.by, value: ({ by }) => by },
    {
      key: 'state',
      header: texts.filters.state,
      value: ({ state }) => state,
      cell: ({ state }) => <Status tone={TONES[state]}>{texts.outcomes[state]}</Status>,
    },
    {
      key: 'result',
      header: names.result,
      value: ({ report, error }) =>
        error || (report ? texts.result(report.replayed, report.looked_at) : null),
    },
  ]
  return (
    <Asked query={query}>
      {(answer) =>
        answer.replays.length === 0 ? (
          <Empty title={texts.replaysTitle} text={texts.replaysText} command={LOG} />
        ) : (
          <DataTable
            name="replays"
            label={texts.tabs.replays}
            rows={answer.replays}
            columns={columns}
            id={({ id }) => String(id)}
          />
        )
      }
    </Asked>
  )
}
