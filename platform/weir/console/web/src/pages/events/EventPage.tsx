/** One event: its meaning, its parameters, its versions, who reads it and how much of it comes. */
import { Alert, Group, Stack, Text } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { event as ask } from '../../api/queries'
import type { Event } from '../../api/types'
import { Asked } from '../../parts/Asked'
import { AssetLink } from '../../parts/AssetLink'
import { Code } from '../../parts/Code'
import { Facts } from '../../parts/Facts'
import { LinkButton } from '../../parts/LinkButton'
import { ICON } from '../../parts/icons'
import { useMay } from '../../parts/may'
import { Page } from '../../parts/Page'
import { eventTone } from '../../parts/states'
import { Status } from '../../parts/Status'
import { TabPages } from '../../parts/TabPages'
import { When } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts, worded } from '../../texts/texts'
import { Findings } from './Findings'
import { Parameters } from './Parameters'
import { Readers } from './Readers'
import { Versions } from './Versions'
import { Violations } from './Violations'
import { Volume } from './Volume'

export function EventPage() {
  const { name } = useParams({ from: '/events/$name' })
  const { shell, parts } = useTexts()
  const query = useQuery(ask(name))
  const status = query.data?.status
  return (
    <Page
      title={name}
      heading={<code>{name}</code>}
      lead={query.data?.description}
      trail={[{ label: shell.pages.events, to: '/events' }]}
      actions={
        <>
          {status && <Status tone={eventTone(status)}>{worded(parts.statuses, status)}</Status>}
          {status && status !== 'archived' && <EditLink name={name} />}
        </>
      }
    >
      <Asked query={query} lines={12}>
        {(event) => <Content event={event} />}
      </Asked>
    </Page>
  )
}

/** To the builder, for those whom the server lets save. */
function EditLink({ name }: { name: string }) {
  const { events } = useTexts()
  if (!useMay('editor')) return null
  return (
    <LinkButton
      to="/events/$name/edit"
      params={{ name }}
      variant="default"
      leftSection={<IconPencil {...ICON} />}
    >
      {events.edit}
    </LinkButton>
  )
}

function Content({ event }: { event: Event }) {
  const { events: texts, parts } = useTexts()
  const { percent } = useFormats()
  const { facts, tabs } = texts
  return (
    <Stack gap="md">
      {event.successor && (
        <Alert variant="outline" color="yellow">
          <Group gap="xs">
            <Text>{texts.successor}</Text>
            <Link to="/events/$name" params={{ name: event.successor }}>
              <code>{event.successor}</code>
            </Link>
          </Group>
        </Alert>
      )}
      <Facts
        facts={{
          [facts.owner]: event.owner,
          [facts.domain]: event.domain,
          [facts.tier]: worded(parts.tiers, event.tier),
          [facts.version]: event.version,
          [facts.sampling]: percent(event.sampling),
          [facts.policy]: worded(texts.policies, event.policy),
          [facts.received]: <When at={event.last_received} />,
          [facts.table]: <AssetLink asset={event.asset} />,
        }}
      />
      <TabPages
        label={event.name}
        tabs={[
          {
            key: 'parameters',
            label: tabs.parameters,
            count: event.parameters,
            content: <Parameters nodes={event.parameter_tree} />,
          },
          {
            key: 'versions',
            label: tabs.versions,
            count: event.versions.length,
            content: <Versions event={event} />,
          },
          {
            key: 'readers',
            label: tabs.readers,
            count: event.readers.length,
            content: <Readers event={event} />,
          },
          { key: 'volume', label: tabs.volume, content: <Volume event={event} /> },
          {
            key: 'violations',
            label: tabs.violations,
            count: event.violations,
            content: <Violations event={event} />,
          },
          {
            key: 'findings',
            label: tabs.findings,
            count: event.findings.length,
            content: <Findings findings={event.findings} />,
          },
          { key: 'example', label: tabs.example, content: <Example event={event} /> },
        ]}
      />
    </Stack>
  )
}

function Example({ event }: { event: Event }) {
  const texts = useTexts().events
  return (
    <Stack gap="xs">
      <Text c="dimmed">{texts.exampleText}</Text>
      <Code text={JSON.stringify(event.example, null, 2)} label={texts.tabs.example} />
      <LinkButton
        variant="default"
        to="/tester"
        search={{ event: event.name }}
        style={{ alignSelf: 'flex-start' }}
      >
        {texts.tryLive}
      </LinkButton>
    </Stack>
  )
}
