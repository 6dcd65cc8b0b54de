/** The dictionary: every event, found by its name, meaning, parameters or owner. */
import { Stack, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { events } from '../../api/queries'
import type { EventList } from '../../api/types'
import { useAddress, useTyped } from '../../parts/address'
import { AddressSelect } from '../../parts/AddressSelect'
import { Asked } from '../../parts/Asked'
import { Empty } from '../../parts/Empty'
import { ICON } from '../../parts/icons'
import { LinkButton } from '../../parts/LinkButton'
import { useMay } from '../../parts/may'
import { Page } from '../../parts/Page'
import { DataTable } from '../../parts/table/DataTable'
import { Filter } from '../../parts/table/Filter'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { useEventColumns } from './listColumns'
import { Waiting } from './Waiting'

const LIMIT = 500

export function EventsPage() {
  const texts = useTexts().events
  const [typed, type] = useTyped('q')
  const [asked] = useAddress('q')
  const query = useQuery({ ...events(asked, LIMIT), placeholderData: keepPreviousData })
  return (
    <Page title={texts.title} lead={texts.lead} actions={<NewEvent />}>
      <Asked query={query}>
        {(answer) =>
          answer.total === 0 && !asked ? (
            <Empty title={texts.emptyTitle} text={texts.emptyText} command={IMPORT}>
              <NewEvent />
            </Empty>
          ) : (
            <Stack gap="lg">
              <Dictionary answer={answer} typed={typed} type={type} />
              <Waiting />
            </Stack>
          )
        }
      </Asked>
    </Page>
  )
}

/** To the builder, for those whom the server lets save. */
function NewEvent() {
  const { events } = useTexts()
  if (!useMay('editor')) return null
  return (
    <LinkButton to="/events/new" leftSection={<IconPlus {...ICON} />}>
      {events.create}
    </LinkButton>
  )
}

const IMPORT = 'weir events import --help'

interface DictionaryProps {
  answer: EventList
  typed: string
  type: (text: string) => void
}

function Dictionary({ answer, typed, type }: DictionaryProps) {
  const { events: texts, parts } = useTexts()
  const { number } = useFormats()
  const [status] = useAddress('status')
  const [tier] = useAddress('tier')
  const columns = useEventColumns()
  const rows = answer.events.filter(
    (event) => (!status || event.status === status) && (!tier || event.tier === tier),
  )
  return (
    <>
      <DataTable
        name="events"
        label={texts.title}
        rows={rows}
        columns={columns}
        id={({ name }) => name}
        nothing={texts.nothingText}
      >
        <Filter value={typed} set={type} label={texts.filter} />
        <AddressSelect name="status" label={texts.status} any={texts.any} values={parts.statuses} />
        <AddressSelect name="tier" label={texts.tier} any={texts.any} values={parts.tiers} />
      </DataTable>
      {answer.total > answer.events.length && (
        <Text size="sm" c="dimmed">
          {texts.more(number(answer.events.length), number(answer.total))}
        </Text>
      )}
    </>
  )
}
