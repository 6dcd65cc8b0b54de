/** One quarantined event as it was sent. */
import { Stack, Text } from '@mantine/core'
import type { Row } from '../../api/quarantine'
import { Code } from '../../parts/Code'
import { JsonTree, Violations } from '../../parts/JsonTree'
import { LinkButton } from '../../parts/LinkButton'
import { Status } from '../../parts/Status'
import { When } from '../../parts/When'
import { useTexts } from '../../texts/texts'
import sheet from '../../parts/Sheet.module.css'
import style from './Quarantine.module.css'

export function Sample({ row }: { row: Row }) {
  const { group } = useTexts().quarantine
  return (
    <article className={`${sheet.sheet} ${style.card}`} aria-label={row.receipt}>
      <Stack gap="sm">
        <Head row={row} />
        {row.replayed && <Mark replayed={row.replayed} />}
        <Sent row={row} />
        {row.hidden && (
          <Text size="sm" c="dimmed">
            {group.hidden}
          </Text>
        )}
        {row.sent !== null && !row.hidden && (
          <LinkButton
            variant="default"
            to="/tester"
            search={{ receipt: row.receipt }}
            style={{ alignSelf: 'flex-start' }}
            aria-label={`${group.again}: ${row.receipt}`}
          >
            {group.again}
          </LinkButton>
        )}
      </Stack>
    </article>
  )
}

function Head({ row }: { row: Row }) {
  const { group } = useTexts().quarantine
  const app = [row.platform, row.app].filter(Boolean).join(' ')
  return (
    <div className={style.head}>
      <code>{row.receipt}</code>
      <When at={row.received_at} />
      <Text span size="sm" c="dimmed">
        {group.landed} {row.landing} (UTC)
      </Text>
      {row.version !== null && <span>{group.version(row.version, row.version_assumed)}</span>}
      {app && <span>{app}</span>}
      {row.producer && <span>{group.from(row.producer)}</span>}
    </div>
  )
}

function Mark({ replayed }: { replayed: NonNullable<Row['replayed']> }) {
  const { group, states } = useTexts().quarantine
  return (
    <Text size="sm" component="div">
      <Status tone="good">{states.replayed}</Status>{' '}
      {group.replayed(replayed.tier, replayed.receipt)}, {group.by(replayed.by)},{' '}
      <When at={replayed.at} />
    </Text>
  )
}

function Sent({ row: { sent, raw, violations, receipt } }: { row: Row }) {
  const { group } = useTexts().quarantine
  if (sent !== null) return <JsonTree value={sent} violations={violations} label={receipt} />
  return (
    <>
      <Text>{raw ? group.cut : group.secret}</Text>
      {raw && <Code text={raw} label={receipt} />}
      <Violations violations={violations} />
    </>
  )
}
