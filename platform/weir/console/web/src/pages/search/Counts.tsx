/** What the hits stand for, and at which rate the index is sampled: always in sight. */
import { Button, Group, Text } from '@mantine/core'
import type { Found } from '../../api/search'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import type { SearchAll } from './All'
import style from './Search.module.css'

export function RateBanner({ found, all }: { found?: Found; all: SearchAll }) {
  const texts = useTexts().search
  if (!found) return null
  return (
    <div className={style.banner} role="status" data-sampled={found.sampled}>
      <Group gap="xs" justify="space-between">
        <Text size="sm" fw={500}>
          {found.sampled ? <Sampled found={found} /> : <Everything found={found} />}
        </Text>
        {!found.sampled && (
          <Button variant="default" onClick={all.leave}>
            {texts.backToSample}
          </Button>
        )}
      </Group>
    </div>
  )
}

function Sampled({ found }: { found: Found }) {
  const texts = useTexts().search
  const { number, percent } = useFormats()
  const { rate } = found
  if (!rate) return null
  const { kept, offered, days, first, last } = rate
  const whole = kept >= offered
  return (
    <>
      {whole
        ? texts.wholeIndex(number(offered))
        : texts.sampled(number(kept), number(offered), percent(kept / Math.max(offered, 1)))}{' '}
      {first && last && texts.days(days, first, last)}
    </>
  )
}

function Everything({ found }: { found: Found }) {
  const texts = useTexts().search
  const { number, seconds } = useFormats()
  const filters = Object.entries(found.filters).map(([field, value]) => `${field}:${value}`)
  return (
    <>
      {texts.everything(number(found.scanned ?? 0), seconds(found.seconds))}{' '}
      {filters.length > 0 && texts.filtered(filters.join(', '))}
    </>
  )
}

export function CountLine({ found }: { found: Found }) {
  const texts = useTexts().search
  const { number, seconds } = useFormats()
  const { estimate, low, high, matched } = found.count
  const exact = found.interval === 'exact'
  const events = number(Math.round(estimate))
  return (
    <Group gap="xs" align="baseline">
      <Text className={style.count}>{exact ? texts.exactly(events) : texts.estimate(events)}</Text>
      {!exact && (
        <Text fw={500}>{texts.between(number(Math.round(low)), number(Math.round(high)))}</Text>
      )}
      <Text c="dimmed" size="sm">
        {texts.intervals[found.interval]}; {texts.documents(matched)}{' '}
        {texts.took(seconds(found.seconds))}
      </Text>
    </Group>
  )
}
