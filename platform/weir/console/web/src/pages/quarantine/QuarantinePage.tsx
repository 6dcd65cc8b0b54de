/** Events that were found wrong: by event, rule and place; what was not kept; and the replays. */
import { Group, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { drops, groups, type Groups } from '../../api/quarantine'
import { Asked } from '../../parts/Asked'
import { Empty } from '../../parts/Empty'
import { Page } from '../../parts/Page'
import { DataTable } from '../../parts/table/DataTable'
import { TabPages } from '../../parts/TabPages'
import { useTexts } from '../../texts/texts'
import { useChosen } from './chosen'
import { useDropColumns, useGroupColumns } from './columns'
import { Filters } from './Filters'
import { Replays } from './Replays'

export function QuarantinePage() {
  const texts = useTexts().quarantine
  return (
    <Page title={texts.title} lead={texts.lead}>
      <TabPages
        label={texts.title}
        tabs={[
          { key: 'groups', label: texts.tabs.groups, content: <Wrong /> },
          { key: 'dropped', label: texts.tabs.dropped, content: <Dropped /> },
          { key: 'replays', label: texts.tabs.replays, content: <Replays /> },
        ]}
      />
    </Page>
  )
}

function Wrong() {
  const chosen = useChosen()
  const query = useQuery(groups(chosen))
  return <Asked query={query}>{(answer) => <Table answer={answer} />}</Asked>
}

function Table({ answer }: { answer: Groups }) {
  const texts = useTexts().quarantine
  const chosen = useChosen()
  const columns = useGroupColumns(chosen)
  const filtered = Object.keys(chosen).length > 0
  if (answer.groups.length === 0 && !filtered && answer.choices.event.length === 0) {
    return <Empty title={texts.emptyTitle} text={texts.emptyText} command="weir seal --now" />
  }
  return (
    <Stack gap="sm">
      <Filters answer={answer} />
      {answer.groups.length === 0 ? (
        <Empty title={texts.filteredTitle} text={texts.filteredText} />
      ) : (
        <DataTable
          name="quarantine"
          label={texts.tabs.groups}
          rows={answer.groups}
          columns={columns}
          id={({ event, rule, pointer }) => `${event} ${rule} ${pointer}`}
          text={({ event, rule, pointer }) => `${event} ${rule} ${pointer}`}
          filterLabel={texts.filter}
        >
          <Group gap="xs">{texts.summary(answer.rows, answer.replayed)}</Group>
        </DataTable>
      )}
    </Stack>
  )
}

function Dropped() {
  const texts = useTexts().quarantine
  const query = useQuery(drops)
  const columns = useDropColumns()
  return (
    <Asked query={query}>
      {(answer) =>
        answer.drops.length === 0 ? (
          <Empty title={texts.droppedTitle} text={texts.droppedText} command="weir seal --now" />
        ) : (
          <Stack gap="sm">
            {texts.droppedLead}
            <DataTable
              name="dropped"
              label={texts.tabs.dropped}
              rows={answer.drops}
              columns={columns}
              id={({ code, producer, event }) => `${code} ${producer} ${event}`}
              text={({ code, producer, event }) => `${code} ${producer ?? ''} ${event ?? ''}`}
            />
          </Stack>
        )
      }
    </Asked>
  )
}
