/** What a look at the files found: by asset and fault, with what it means and what mends it. */
import { Stack, Text, Title } from '@mantine/core'
import type { Found, Looked } from '../../api/recovery'
import { AssetLink } from '../../parts/AssetLink'
import { Status, type Tone } from '../../parts/Status'
import { When } from '../../parts/When'
import { useTexts } from '../../texts/texts'
import sheet from '../../parts/Sheet.module.css'
import style from './Recovery.module.css'
import { Told } from './WhyOf'

const TONES: Partial<Record<string, Tone>> = { rebuild: 'bad', run: 'warn', reconcile: 'warn' }
const SHOWN = 5

export function Findings({ looked }: { looked: Looked }) {
  const texts = useTexts().recovery
  const groups = Map.groupBy(looked.findings, ({ asset, fault }) => `${asset} ${fault}`)
  const checked = looked.assets.reduce((sum, one) => sum + one.checked, 0)
  return (
    <section aria-labelledby="found">
      <Title order={2} id="found" mb="xs">
        {texts.found}
      </Title>
      <Stack gap="xs">
        <Text size="sm" c="dimmed">
          <When at={looked.at} /> · {texts.looked(looked.level, checked, looked.findings_in_all)}
        </Text>
        {looked.moved && <Status tone="warn">{texts.moved}</Status>}
        {groups.size === 0 ? (
          <Status tone="good">{texts.foundNothing}</Status>
        ) : (
          <ul className={`${sheet.list} ${style.list}`}>
            {[...groups].map(([key, found]) => (
              <li key={key} className={style.finding}>
                <Fault found={found} />
              </li>
            ))}
          </ul>
        )}
        <Told label={texts.notChecked} told={looked.not_checked} />
      </Stack>
    </section>
  )
}

function Fault({ found }: { found: Found[] }) {
  const texts = useTexts().recovery
  const [first] = found
  if (!first) return null
  const repairs: Partial<Record<string, string>> = texts.repairs
  const keys = found.flatMap(({ partitions }) => partitions)
  const range = keys.length > 1 ? `${keys[0] ?? ''}..${keys.at(-1) ?? ''}` : (keys[0] ?? '')
  return (
    <>
      <div className={style.what}>
        <Status tone={TONES[first.repair] ?? 'quiet'}>{first.fault.replaceAll('_', ' ')}</Status>
        <AssetLink asset={first.asset} />
        <span className={style.key}>{range}</span>
        <span className={style.quiet}>{texts.partitions(keys.length)}</span>
      </div>
      <Text>{first.meaning}</Text>
      {[...new Set(found.map(({ evidence }) => evidence))].slice(0, SHOWN).map((evidence) => (
        <Text key={evidence} size="sm" c="dimmed" className={style.wide}>
          {evidence}
        </Text>
      ))}
      <Text size="sm">
        {first.remedy} <span className={style.quiet}>({repairs[first.repair]})</span>
      </Text>
    </>
  )
}
