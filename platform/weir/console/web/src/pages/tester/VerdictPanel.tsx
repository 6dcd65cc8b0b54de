/** What the collector would say: the verdict, what is wrong, and what would be stored. */
import { Button, Group, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Verdict } from '../../api/tester'
import { Code } from '../../parts/Code'
import { Facts } from '../../parts/Facts'
import { Violations } from '../../parts/JsonTree'
import { Status } from '../../parts/Status'
import { useTexts, worded } from '../../texts/texts'
import { pretty } from './draft'
import { toneOf } from './tones'

interface VerdictPanelProps {
  verdict: Verdict
  use: (name: string) => void
}

export function VerdictPanel({ verdict, use }: VerdictPanelProps) {
  const { tester: texts, parts } = useTexts()
  const { facts } = texts
  return (
    <Stack gap="xs">
      <Group gap="sm">
        <Status tone={toneOf(verdict.verdict)}>{worded(texts.verdicts, verdict.verdict)}</Status>
        <Text>{worded(texts.says, verdict.verdict)}</Text>
      </Group>
      {verdict.refusal && <Refusal refusal={verdict.refusal} />}
      {verdict.event && (
        <Facts
          facts={{
            [facts.event]: <EventName verdict={verdict} />,
            [facts.version]: version(verdict, texts.assumed),
            [facts.tier]: verdict.tier ? worded(parts.tiers, verdict.tier) : '–',
            [facts.lane]: verdict.lane ?? '–',
          }}
        />
      )}
      {verdict.meant && (
        <Button
          variant="default"
          style={{ alignSelf: 'flex-start' }}
          onClick={() => use(verdict.meant)}
        >
          {texts.meant(verdict.meant)}
        </Button>
      )}
      {verdict.like.length > 0 && (
        <Group gap="xs">
          <Text size="sm">{texts.like}</Text>
          {verdict.like.map((name) => (
            <Button key={name} variant="default" onClick={() => use(name)}>
              {name}
            </Button>
          ))}
        </Group>
      )}
      <Violations violations={verdict.violations} />
      {verdict.lane && (
        <details>
          <summary>{texts.stored}</summary>
          <Code text={pretty(verdict.stored)} label={texts.stored} />
        </details>
      )}
    </Stack>
  )
}

function EventName({ verdict: { event, tier } }: { verdict: Verdict }) {
  const name = <code>{event}</code>
  if (!tier || !event) return name
  return (
    <Link to="/events/$name" params={{ name: event }}>
      {name}
    </Link>
  )
}

function version({ version, version_assumed }: Verdict, assumed: (n: number) => string): string {
  if (version === null) return '–'
  return version_assumed ? assumed(version) : String(version)
}

export function Refusal({ refusal }: { refusal: NonNullable<Verdict['refusal']> }) {
  const texts = useTexts().tester
  return (
    <div>
      <Text>{refusal.message}</Text>
      {refusal.line != null && (
        <Text size="sm" c="dimmed">
          {texts.at(refusal.line, refusal.column ?? 1)}
        </Text>
      )}
      <Text size="sm">{refusal.remedy}</Text>
    </div>
  )
}
