/** What `weir doctor` finds, with what to do about it. */
import { Button, Group, Stack, Text } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { health, type Finding } from '../../api/settings'
import { Asked } from '../../parts/Asked'
import { ICON } from '../../parts/icons'
import { Status } from '../../parts/Status'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { When } from '../../parts/When'
import { useTexts } from '../../texts/texts'

export function Health() {
  const texts = useTexts().settings.health
  const query = useQuery(health)
  const wrong = query.data?.findings.filter(({ ok }) => !ok).length ?? 0
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text c="dimmed">{texts.lead}</Text>
        <Button
          variant="default"
          leftSection={<IconRefresh {...ICON} />}
          loading={query.isFetching}
          onClick={() => void query.refetch()}
        >
          {texts.again}
        </Button>
      </Group>
      <Asked query={query}>
        {({ at, findings }) => (
          <Stack gap="sm">
            <Group gap="sm" role="status">
              <Status tone={wrong ? 'bad' : 'good'}>{wrong ? texts.bad(wrong) : texts.good}</Status>
              <Text size="sm" c="dimmed">
                <When at={at} />
              </Text>
            </Group>
            <Findings findings={findings} />
          </Stack>
        )}
      </Asked>
    </Stack>
  )
}

function Findings({ findings }: { findings: Finding[] }) {
  const { settings } = useTexts()
  const texts = settings.health
  const columns: Column<Finding>[] = [
    {
      key: 'ok',
      header: settings.tabs.health,
      value: ({ ok }) => ok,
      cell: ({ ok }) => <Status tone={ok ? 'good' : 'bad'}>{ok ? texts.ok : texts.wrong}</Status>,
    },
    { key: 'subject', header: texts.subject, value: ({ subject }) => subject, short: true },
    { key: 'found', header: texts.found, value: ({ found }) => found },
    { key: 'remedy', header: texts.remedy, value: ({ remedy }) => remedy },
  ]
  return (
    <DataTable
      name="health"
      label={settings.tabs.health}
      rows={findings}
      columns={columns}
      id={({ subject }) => subject}
    />
  )
}
