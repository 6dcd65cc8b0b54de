/** One plan: what it does, why and how much; applied, followed while it runs, compared at its end. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useEffect } from 'react'
import {
  expiry as askExpiry,
  plan as ask,
  progress as askProgress,
  useAgain,
  type Plan,
  type Progress,
} from '../../api/recovery'
import { Asked } from '../../parts/Asked'
import { Facts } from '../../parts/Facts'
import { Failure } from '../../parts/Failure'
import { useMay } from '../../parts/may'
import { Page } from '../../parts/Page'
import { TabPages } from '../../parts/TabPages'
import { When } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { Actions } from './Actions'
import { Going } from './Going'
import { Journal } from './Journal'
import { Standing } from './Standing'
import { Steps } from './Steps'
import { Untouched } from './Untouched'
import { useTime } from './words'

export function PlanPage() {
  const { plan: name } = useParams({ from: '/recovery/$plan' })
  const { recovery } = useTexts()
  const query = useQuery(ask(name))
  const now = useProgress(name) ?? query.data?.progress
  return (
    <Page
      title={name}
      heading={<code>{name}</code>}
      lead={recovery.ask.kindTexts[query.data?.kind ?? 'recover']}
      trail={[{ label: recovery.title, to: '/recovery' }]}
      actions={query.data && now && <Actions plan={query.data} now={now} />}
    >
      <Asked query={query} lines={10}>
        {(plan) => <Content plan={plan} now={now ?? plan.progress} />}
      </Asked>
    </Page>
  )
}

/** How far the plan is; the rest of it is asked again whenever its journal has grown. */
function useProgress(name: string): Progress | undefined {
  const cache = useQueryClient()
  const now = useQuery(askProgress(name)).data
  const lines = now?.lines
  const running = now?.running
  const done = now?.standing === 'done'
  useEffect(() => {
    void cache.invalidateQueries({ queryKey: ask(name).queryKey, exact: true })
    if (running === false) void cache.invalidateQueries({ queryKey: ['recovery'] })
    if (done) cache.removeQueries({ queryKey: ['look'] }) // what it found is mended
  }, [cache, name, lines, running, done])
  return now
}

function Content({ plan, now }: { plan: Plan; now: Progress }) {
  const texts = useTexts().plan
  return (
    <Stack gap="md">
      <About plan={plan} now={now} />
      {plan.beyond.length > 0 && (
        <Alert variant="outline" color="orange" title={texts.beyond}>
          {plan.beyond.map((sentence) => (
            <Text key={sentence}>{sentence}</Text>
          ))}
        </Alert>
      )}
      {now.standing === 'made' && !now.running && <Expired plan={plan} />}
      <Going plan={plan} now={now} />
      <TabPages
        label={plan.id}
        tabs={[
          {
            key: 'steps',
            label: texts.tabs.steps,
            count: plan.steps,
            content: <Steps plan={plan} now={now} />,
          },
          {
            key: 'untouched',
            label: texts.tabs.untouched,
            count: plan.untouched.length,
            content: <Untouched plan={plan} />,
          },
          { key: 'journal', label: texts.tabs.journal, content: <Journal plan={plan} /> },
        ]}
      />
    </Stack>
  )
}

function About({ plan, now }: { plan: Plan; now: Progress }) {
  const { plan: texts, recovery } = useTexts()
  const { number, bytes, seconds } = useFormats()
  const time = useTime()
  const operator = useMay('operator')
  const about = plan.assets.length > 0 ? plan.assets.join(', ') : recovery.plans.everything
  const { rows, bytes: size, partitions } = plan.estimate
  return (
    <Stack gap="xs">
      <Facts
        facts={{
          [recovery.plans.stands]: <Standing {...now} />,
          [texts.facts.about]: `${about} ${texts.range(plan.since, plan.until)}`,
          [texts.facts.most]: recovery.partitions(partitions),
          [texts.facts.rows]: rows === null ? '–' : number(rows),
          [texts.facts.bytes]: size === null ? '–' : bytes(size),
          [texts.facts.time]: time(plan.estimate),
          ...(plan.took !== null && { [texts.facts.took]: seconds(plan.took) }),
          [texts.facts.made]: <When at={plan.made_at} />,
          [texts.facts.digest]: <code>{plan.digest}</code>,
        }}
      />
      <Group gap="md">
        <Text size="sm" c="dimmed">
          {plan.faults
            .map(
              ({ name, count }) =>
                `${recovery.causes[name as keyof typeof recovery.causes]}: ${recovery.partitions(count)}`,
            )
            .join('; ')}
        </Text>
        {operator && (
          <Link to="/audit" search={{ about: plan.id }}>
            {texts.history}
          </Link>
        )}
      </Group>
    </Stack>
  )
}

/** What changed since the plan was made, if anything did, and the way to a new one. */
function Expired({ plan }: { plan: Plan }) {
  const texts = useTexts().plan
  const navigate = useNavigate()
  const operator = useMay('operator')
  const found = useQuery(askExpiry(plan.id)).data
  const make = useAgain(plan.id)
  if (!found?.expired) return null
  const again = () =>
    make.mutate(undefined, {
      onSuccess: ({ plan: made }) =>
        void navigate(
          made ? { to: '/recovery/$plan', params: { plan: made } } : { to: '/recovery' },
        ),
    })
  return (
    <Alert role="status" variant="outline" color="orange" title={texts.expired}>
      <Stack gap="xs" align="flex-start">
        <Text>{found.why}</Text>
        {operator && (
          <Button variant="default" loading={make.isPending} onClick={again}>
            {texts.again}
          </Button>
        )}
        {make.error && <Failure error={make.error} />}
      </Stack>
    </Alert>
  )
}
