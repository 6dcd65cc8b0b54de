/** One table: its partitions, columns, checks, lineage, SQL and runs. */
import { Button, Stack } from '@mantine/core'
import { IconExternalLink } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { model as ask, session } from '../../api/queries'
import type { Model } from '../../api/types'
import { Asked } from '../../parts/Asked'
import { Code } from '../../parts/Code'
import { Empty } from '../../parts/Empty'
import { Facts } from '../../parts/Facts'
import { ICON } from '../../parts/icons'
import { Page } from '../../parts/Page'
import { TabPages } from '../../parts/TabPages'
import { PartitionKey } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts, worded } from '../../texts/texts'
import { Checks } from './Checks'
import { State } from './listColumns'
import { ColumnTable } from './ColumnTable'
import { Neighbours } from './Neighbours'
import { Partitions } from './Partitions'
import { Runs } from './Runs'
import { Standing } from './Standing'

export function ModelPage() {
  const { stage, table } = useParams({ from: '/models/$stage/$table' })
  const asset = `${stage}/${table}`
  const { shell } = useTexts()
  const query = useQuery(ask(stage, table))
  return (
    <Page
      title={asset}
      heading={<code>{asset}</code>}
      lead={query.data?.description}
      trail={[{ label: shell.pages.models, to: '/models' }]}
      actions={query.data && <Actions model={query.data} />}
    >
      <Asked query={query} lines={12}>
        {(model) => <Content model={model} />}
      </Asked>
    </Page>
  )
}

function Actions({ model }: { model: Model }) {
  const texts = useTexts().models
  const dagster = useQuery(session).data?.dagster
  return (
    <>
      <State {...model} />
      <Button
        variant="default"
        renderRoot={(props) => (
          <Link to="/recovery" search={{ tab: 'propose', asset: model.asset }} {...props} />
        )}
      >
        {texts.plan}
      </Button>
      {dagster && (
        <Button
          component="a"
          href={`${dagster}assets/${model.asset}`}
          variant="default"
          leftSection={<IconExternalLink {...ICON} />}
        >
          {texts.dagster}
        </Button>
      )}
    </>
  )
}

function Content({ model }: { model: Model }) {
  const { models, parts } = useTexts()
  const { facts, tabs } = models
  const { number, seconds } = useFormats()
  return (
    <Stack gap="md">
      <Facts
        facts={{
          [facts.owner]: model.owner || '–',
          [facts.grain]: worded(parts.grains, model.grain),
          [facts.zone]: model.zone || '–',
          [facts.rows]: number(model.rows),
          [facts.newest]: <PartitionKey value={model.newest} zone={model.zone} />,
          [facts.seconds]: model.seconds === null ? '–' : seconds(model.seconds),
        }}
      />
      <Standing model={model} />
      <TabPages
        label={model.asset}
        tabs={[
          {
            key: 'partitions',
            label: tabs.partitions,
            count: model.partitions_in_all,
            content: <Partitions model={model} />,
          },
          {
            key: 'columns',
            label: tabs.columns,
            count: model.columns,
            content: <ColumnTable model={model} />,
          },
          {
            key: 'checks',
            label: tabs.checks,
            count: model.checks.length,
            content: <Checks model={model} />,
          },
          {
            key: 'lineage',
            label: tabs.lineage,
            count: model.reads.length + model.read_by.length,
            content: <Neighbours model={model} />,
          },
          { key: 'sql', label: tabs.sql, content: <Sql sql={model.sql} /> },
          {
            key: 'runs',
            label: tabs.runs,
            count: model.runs.length,
            content: <Runs model={model} />,
          },
        ]}
      />
    </Stack>
  )
}

function Sql({ sql }: { sql: string | null }) {
  const texts = useTexts().models
  if (sql === null) return <Empty title={texts.noSql} text={texts.noSqlText} />
  return <Code text={sql} label={texts.tabs.sql} />
}
