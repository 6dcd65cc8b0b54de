/** How much of an event comes: by day, by version, by app. */
import { Grid, Stack } from '@mantine/core'
import type { DayVolume, Event } from '../../api/types'
import { useAddress } from '../../parts/address'
import { Empty } from '../../parts/Empty'
import { View } from '../../parts/View'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { useTexts } from '../../texts/texts'
import { DayChart } from './DayChart'
import { Shares } from './Shares'

export function Volume({ event }: { event: Event }) {
  const { events: texts, parts } = useTexts()
  const [as, setAs] = useAddress('as', 'chart')
  if (event.volume.length === 0) {
    return <Empty title={texts.noVolume} text={texts.noVolumeText} command="weir replay --help" />
  }
  return (
    <Stack gap="lg">
      <View
        value={as}
        choose={setAs}
        values={{ chart: texts.asChart, table: texts.asTable }}
        label={texts.byDay}
      />
      {as === 'table' ? <DayTable event={event} /> : <DayChart volume={event.volume} />}
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Shares
            title={texts.byVersion}
            rows={event.by_version.map((row) => [
              String(row.version ?? parts.unknown),
              row.accepted,
            ])}
          />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Shares
            title={texts.byApp}
            rows={event.by_app.map((row) => [row.app ?? parts.unknown, row.accepted])}
          />
        </Grid.Col>
      </Grid>
    </Stack>
  )
}

function DayTable({ event }: { event: Event }) {
  const texts = useTexts().events
  const columns: Column<DayVolume>[] = [
    { key: 'day', header: texts.day, value: ({ day }) => day },
    { key: 'accepted', header: texts.accepted, value: ({ accepted }) => accepted, numeric: true },
    {
      key: 'violations',
      header: texts.violations,
      value: ({ violations }) => violations,
      numeric: true,
    },
  ]
  return (
    <DataTable
      name={`${event.name}-volume`}
      label={texts.byDay}
      rows={event.volume}
      columns={columns}
      id={({ day }) => day}
    />
  )
}
