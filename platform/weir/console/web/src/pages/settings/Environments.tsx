/** The environments beside production, and the commands that make use of them. */
import { Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { environments, type Environment } from '../../api/settings'
import { Asked } from '../../parts/Asked'
import { Code } from '../../parts/Code'
import { Empty } from '../../parts/Empty'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { When } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'

export function Environments() {
  const { settings } = useTexts()
  const texts = settings.environments
  const query = useQuery(environments)
  return (
    <Asked query={query}>
      {({ home, keep_days, environments: all }) => (
        <Stack gap="md">
          <Text c="dimmed">
            {texts.lead} {texts.here(home)}
          </Text>
          {all.length === 0 ? (
            <Empty title={texts.emptyTitle} text={texts.emptyText} command="weir env create ann" />
          ) : (
            <>
              <Table all={all} />
              <Text component="div">
                {texts.keep(keep_days)}{' '}
                <Code command text="weir env prune --yes" label={texts.keep(keep_days)} />
              </Text>
              <Commands name={all[0]?.name ?? 'ann'} />
            </>
          )}
        </Stack>
      )}
    </Asked>
  )
}

function Table({ all }: { all: Environment[] }) {
  const { settings } = useTexts()
  const { number } = useFormats()
  const texts = settings.environments
  const columns: Column<Environment>[] = [
    {
      key: 'name',
      header: texts.name,
      value: ({ name }) => name,
      cell: ({ name }) => <b>{name}</b>,
    },
    { key: 'by', header: texts.by, value: ({ made_by }) => made_by },
    {
      key: 'made',
      header: texts.made,
      value: ({ made_at }) => made_at,
      cell: ({ made_at }) => <When at={made_at} />,
      short: true,
      minor: true,
    },
    {
      key: 'used',
      header: texts.used,
      value: ({ used_at }) => used_at,
      cell: ({ used_at }) => <When at={used_at} ago />,
      short: true,
    },
    {
      key: 'size',
      header: texts.size,
      value: ({ bytes }) => bytes,
      cell: ({ bytes }) => texts.mb(number(Math.round(bytes / 1e5) / 10)),
      numeric: true,
    },
    {
      key: 'port',
      header: texts.port,
      value: ({ dagster_port }) => dagster_port,
      cell: ({ dagster_port }) => <code>{dagster_port}</code>,
      numeric: true,
      minor: true,
    },
  ]
  return (
    <DataTable
      name="environments"
      label={settings.tabs.environments}
      rows={all}
      columns={columns}
      id={({ name }) => name}
    />
  )
}

function Commands({ name }: { name: string }) {
  const texts = useTexts().settings.environments
  const commands = {
    [texts.create]: 'weir env create NAME',
    [texts.diff]: `weir env diff ${name}`,
    [texts.promote]: `weir env promote ${name}`,
    [texts.drop]: `weir env drop ${name}`,
  }
  return (
    <section aria-labelledby="commands">
      <Title order={2} id="commands" mb="xs">
        {texts.commands}
      </Title>
      <Stack gap="xs">
        {Object.entries(commands).map(([label, command]) => (
          <div key={label}>
            <Text size="sm">{label}</Text>
            <Code command text={command} label={label} />
          </div>
        ))}
      </Stack>
    </section>
  )
}
