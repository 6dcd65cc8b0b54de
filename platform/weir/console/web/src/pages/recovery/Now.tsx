/** What is missing, stale or broken by the records; what a look at files found. */
import { Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import {
  lookKey,
  recovery as ask,
  type Looked,
  type Recovery,
  type Wrong,
} from '../../api/recovery'
import { Asked } from '../../parts/Asked'
import { AssetLink } from '../../parts/AssetLink'
import { Facts } from '../../parts/Facts'
import { Status, type Tone } from '../../parts/Status'
import { When } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { Findings } from './Findings'
import sheet from '../../parts/Sheet.module.css'
import style from './Recovery.module.css'
import { WhyOf } from './WhyOf'

const TONES: Record<Wrong['cause'], Tone> = {
  never_built: 'warn',
  lost: 'bad',
  code: 'warn',
  input: 'warn',
  check: 'bad',
  broken: 'bad',
  asked: 'quiet',
}

export function Now() {
  const query = useQuery(ask)
  return <Asked query={query}>{(now) => <Told now={now} />}</Asked>
}

function Told({ now }: { now: Recovery }) {
  const texts = useTexts().recovery
  const { number } = useFormats()
  const looked = useQuery<Looked>({ queryKey: lookKey(''), enabled: false }).data
  const shown = now.wrong.length + now.follows.length
  return (
    <Stack gap="lg">
      <Facts
        facts={{
          [texts.facts.build]: number(now.to_build),
          [texts.facts.follow]: number(now.may_follow),
          [texts.facts.assets]: number(now.assets),
          [texts.facts.look]: <LastLook look={now.look} />,
        }}
      />
      {now.wrong.length === 0 ? <Calm /> : <WrongList wrong={now.wrong} />}
      {looked && <Findings looked={looked} />}
      {now.follows.length > 0 && <Follows now={now} />}
      {shown < now.in_all && (
        <Text size="sm" c="dimmed">
          {texts.cut(shown, now.in_all)}
        </Text>
      )}
    </Stack>
  )
}

function LastLook({ look }: { look: Recovery['look'] }) {
  const texts = useTexts().recovery
  if (!look) return texts.never
  return (
    <>
      <When at={look.at} ago /> · {texts.looked(look.level, look.partitions, look.findings)}
    </>
  )
}

function Calm() {
  const texts = useTexts().recovery
  return (
    <div className={`${sheet.sheet} ${style.calm}`}>
      <Status tone="good">{texts.calm}</Status>
      <Text c="dimmed">{texts.calmText}</Text>
    </div>
  )
}

function WrongList({ wrong }: { wrong: Wrong[] }) {
  const texts = useTexts().recovery
  return (
    <section aria-labelledby="wrong">
      <Title order={2} id="wrong" mb="xs">
        {texts.wrong}
      </Title>
      <ul className={`${sheet.list} ${style.list}`}>
        {wrong.map((one) => (
          <li key={`${one.asset} ${one.first} ${one.text}`}>
            <WrongRange one={one} />
          </li>
        ))}
      </ul>
      <Text size="sm" c="dimmed" mt="xs">
        {texts.unlooked}
      </Text>
    </section>
  )
}

function WrongRange({ one }: { one: Wrong }) {
  const texts = useTexts().recovery
  return (
    <details className={`${sheet.sheet} ${style.range}`}>
      <summary>
        <span className={style.cause}>
          <Status tone={TONES[one.cause]}>{texts.causes[one.cause]}</Status>
        </span>
        <span className={style.what}>
          <code>{one.asset}</code>
          <span className={style.key} title={one.zone}>
            {one.partitions}
          </span>
          <span className={style.quiet}>{texts.partitions(one.count)}</span>
        </span>
        <span className={style.text}>
          {one.text}
          {one.root !== one.asset && (
            <span className={style.quiet}>
              {' '}
              {texts.where}: {one.root} {one.root_partitions}
            </span>
          )}
        </span>
      </summary>
      <WhyOf asset={one.asset} partition={one.count === 1 ? one.first : ''} />
    </details>
  )
}

function Follows({ now }: { now: Recovery }) {
  const texts = useTexts().recovery
  return (
    <details className={`${sheet.sheet} ${style.range}`}>
      <summary>{texts.follows(now.may_follow)}</summary>
      <ul className={style.plain}>
        {now.follows.map((one) => (
          <li key={`${one.asset} ${one.first} ${one.text}`}>
            <AssetLink asset={one.asset} /> {one.partitions}{' '}
            <span className={style.quiet}>
              {texts.where}: {one.root} {one.root_partitions}
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}
