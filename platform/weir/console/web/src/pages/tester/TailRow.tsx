/** One thing that arrived: a line, and opened the whole event. */
import { Button, Stack, Text } from '@mantine/core'
import type { Arrived, RefusedRequest } from '../../api/tester'
import { JsonTree } from '../../parts/JsonTree'
import { Status } from '../../parts/Status'
import { useFormats } from '../../texts/numbers'
import { useSpeech, useTexts, worded } from '../../texts/texts'
import style from './Tester.module.css'
import { toneOf } from './tones'
import type { Item } from './useTail'

interface TailRowProps {
  item: Item
  open: boolean
  toggle: () => void
  edit: (sent: unknown) => void
}

export function TailRow({ item, open, toggle, edit }: TailRowProps) {
  const { tail } = useTexts().tester
  const name = item.kind === 'event' ? (item.what.event_name ?? '–') : tail.refusedRequest
  const verdict = item.kind === 'event' ? item.what.verdict : 'refused'
  return (
    <li>
      <button type="button" className={style.row} aria-expanded={open} onClick={toggle}>
        <Clock at={item.kind === 'event' ? `${item.what.received_at}Z` : item.at} />{' '}
        <Verdict verdict={verdict} />{' '}
        <span className={style.what}>
          <code>{name}</code> <span className={style.quiet}>{aside(item)}</span>
        </span>
      </button>
      {open && (
        <div className={style.open}>
          {item.kind === 'event' ? (
            <Whole event={item.what} edit={edit} />
          ) : (
            <WholeRefusal refusal={item.what} />
          )}
        </div>
      )}
    </li>
  )
}

function aside(item: Item): string {
  if (item.kind === 'refused') return `${item.what.status} ${item.what.code}`
  const { user_id, producer, violations } = item.what
  const first = violations[0]
  return [user_id, producer, first && `${first.pointer} ${first.rule}`].filter(Boolean).join(' · ')
}

function Verdict({ verdict }: { verdict: string }) {
  const { verdicts } = useTexts().tester
  return <Status tone={toneOf(verdict)}>{worded(verdicts, verdict)}</Status>
}

function Clock({ at }: { at: string }) {
  const { language } = useSpeech()
  const time = new Intl.DateTimeFormat(language, { timeStyle: 'medium' })
  return (
    <time dateTime={at} className={style.quiet}>
      {time.format(new Date(at))}
    </time>
  )
}

function Whole({ event, edit }: { event: Arrived; edit: (sent: unknown) => void }) {
  const { tail } = useTexts().tester
  const { number } = useFormats()
  const { cut, hidden } = event
  return (
    <Stack gap="sm">
      <JsonTree
        value={event.sent}
        violations={event.violations}
        label={tail.open(event.event_name ?? event.event_id)}
      />
      {cut && <Text size="sm">{tail.cut(number(cut))}</Text>}
      {hidden && <Text size="sm">{tail.hidden}</Text>}
      {!cut && !hidden && (
        <Button
          variant="default"
          style={{ alignSelf: 'flex-start' }}
          onClick={() => edit(event.sent)}
        >
          {tail.edit}
        </Button>
      )}
    </Stack>
  )
}

function WholeRefusal({ refusal }: { refusal: RefusedRequest }) {
  return (
    <>
      <Text>
        <code>{refusal.path}</code> {refusal.message}
      </Text>
      <Text size="sm">{refusal.remedy}</Text>
    </>
  )
}
