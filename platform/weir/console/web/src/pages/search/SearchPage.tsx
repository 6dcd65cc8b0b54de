/** The sample and what it stands for; or every event of a bounded time. */
import { Grid, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Refused } from '../../api/errors'
import { search, type Found } from '../../api/search'
import { useAddress } from '../../parts/address'
import { Loading } from '../../parts/Loading'
import { Page } from '../../parts/Page'
import { Unready } from '../../parts/Unready'
import { useTexts } from '../../texts/texts'
import { AllBanner, useSearchAll, type SearchAll } from './All'
import { CountLine, RateBanner } from './Counts'
import { DocumentModal } from './DocumentModal'
import { Facets } from './Facets'
import { Hits } from './Hits'
import { OverTime } from './OverTime'
import { QueryForm } from './QueryForm'
import { useSearchWanted } from './wanted'
import { Bad } from '../../parts/Bad'

export function SearchPage() {
  const texts = useTexts().search
  const wanted = useSearchWanted()
  const sample = useQuery({ ...search(wanted), placeholderData: (before) => before })
  const all = useSearchAll(wanted)
  const found = all.found ?? (sample.isError ? undefined : sample.data)
  return (
    <Page title={texts.title} lead={texts.lead}>
      <RateBanner found={found} all={all} />
      <QueryForm fields={sample.data?.fields ?? []} />
      {all.error && <Wrong error={all.error} retry={all.start} />}
      {sample.isError && !all.found && (
        <Wrong error={sample.error} retry={() => void sample.refetch()} />
      )}
      {sample.isPending && <Loading lines={10} />}
      {found && <Answer found={found} all={all} />}
    </Page>
  )
}

function Answer({ found, all }: { found: Found; all: SearchAll }) {
  const [open, show] = useAddress('doc')
  return (
    <Stack gap="md">
      <CountLine found={found} />
      <OverTime found={found} />
      <AllBanner found={found} all={all} />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 3 }}>
          <Facets found={found} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 9 }}>
          <Hits found={found} />
        </Grid.Col>
      </Grid>
      {open && <DocumentModal at={open} found={found} close={() => show('')} />}
    </Stack>
  )
}

/** A query that cannot be read is told with its place; other failures as everywhere. */
function Wrong({ error, retry }: { error: Error; retry: () => void }) {
  if (!(error instanceof Refused) || error.refusal.code !== 'query_rejected') {
    return <Unready error={error} retry={retry} />
  }
  const { message, remedy, where } = error.refusal
  return (
    <Bad title={message}>
      {where?.column && <Place column={Number(where.column)} />}
      <Text>{remedy}</Text>
    </Bad>
  )
}

/** The query, marked from where it cannot be read on. */
function Place({ column }: { column: number }) {
  const texts = useTexts().search
  const { q } = useSearchWanted()
  return (
    <Text aria-label={texts.position(String(column))} role="img">
      <code>
        {q.slice(0, column - 1)}
        <mark>{q.slice(column - 1) || ' \u2423'}</mark>
      </code>
    </Text>
  )
}
