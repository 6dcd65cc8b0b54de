/** The causes of what is wrong with an asset, where each begins, and what shows it. Asked when it is opened. */
import { Button, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { why as ask, type Cause, type Why } from '../../api/recovery'
import { Asked } from '../../parts/Asked'
import { AssetLink } from '../../parts/AssetLink'
import { Code } from '../../parts/Code'
import { Status } from '../../parts/Status'
import { useTexts } from '../../texts/texts'
import style from './Recovery.module.css'

export function WhyOf({ asset, partition }: { asset: string; partition: string }) {
  const [place, open] = useOpened()
  const query = useQuery({ ...ask(asset, partition), enabled: open })
  return (
    <div ref={place} className={style.why}>
      {open && (
        <Asked query={query} lines={4}>
          {(why) => <Causes why={why} />}
        </Asked>
      )}
    </div>
  )
}

/** Whether the `details` around a place has been opened. */
function useOpened() {
  const place = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)
  useEffect(() => {
    const around = place.current?.closest('details')
    const listen = () => around?.open && setOpen(true)
    around?.addEventListener('toggle', listen)
    return () => around?.removeEventListener('toggle', listen)
  }, [])
  return [place, open] as const
}

function Causes({ why }: { why: Why }) {
  const texts = useTexts().recovery
  const { models } = useTexts()
  return (
    <Stack gap="sm">
      {why.causes.length === 0 && <Text c="dimmed">{why.notes.join(' ') || texts.noCause}</Text>}
      {why.causes.map((cause) => (
        <OneCause key={`${cause.code} ${cause.asset} ${cause.text}`} cause={cause} />
      ))}
      <Told label={texts.checked} told={why.checked} />
      <Told label={texts.notChecked} told={why.not_checked} />
      <Link to="/lineage" search={{ asset: why.asset }}>
        {models.tabs.lineage}: {why.asset}
      </Link>
    </Stack>
  )
}

export function Told({ label, told }: { label: string; told: Why['checked'] }) {
  if (told.length === 0) return null
  return (
    <Text size="sm" c="dimmed">
      {label}: {told.map(({ what, why }) => (why ? `${what} (${why})` : what)).join('; ')}
    </Text>
  )
}

function OneCause({ cause }: { cause: Cause }) {
  const texts = useTexts().recovery
  return (
    <Stack gap={4}>
      <Text fw={600}>
        <Status tone="bad">
          {cause.code} {cause.title}
        </Status>{' '}
        <Text span size="sm" c="dimmed">
          {texts.confidence[cause.confidence]}
        </Text>
      </Text>
      <Text>
        <AssetLink asset={cause.asset} /> {cause.partitions}: {cause.text}
      </Text>
      {cause.evidence.length > 0 && (
        <dl className={style.evidence} aria-label={texts.evidence}>
          {cause.evidence.map(({ what, why }) => (
            <div key={`${what} ${why}`}>
              <dt>{what}</dt>
              <dd>{why}</dd>
            </div>
          ))}
        </dl>
      )}
      {cause.reaches.length > 0 && (
        <Text size="sm" c="dimmed">
          {texts.reaches}:{' '}
          {cause.reaches.map((one) => `${one.asset} ${one.partitions} (${one.count})`).join('; ')}
        </Text>
      )}
      <Text size="sm">
        {texts.remedy}: {cause.remedy}
      </Text>
      {cause.repair && <Repair command={cause.repair} />}
    </Stack>
  )
}

/** The command of the plan that mends it, and the same as a form that is filled in. */
function Repair({ command }: { command: string }) {
  const texts = useTexts().recovery
  const [, , kind = '', ...words] = command.split(' ')
  const range = words.indexOf('--range')
  const search = {
    tab: 'propose',
    kind,
    asset: words[0]?.startsWith('-') ? '' : words[0],
    range: range >= 0 ? words[range + 1] : '',
    ...(words.includes('--downstream') && { downstream: 'yes' }),
  }
  return (
    <div className={style.repair}>
      <Code command text={command} label={texts.remedy} />
      <Button
        variant="default"
        renderRoot={(props) => <Link to="/recovery" search={search} {...props} />}
      >
        {texts.tabs.propose}
      </Button>
    </div>
  )
}
