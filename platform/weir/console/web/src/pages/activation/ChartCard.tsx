/** A chart with its sentence, its table, its query and its CSV. */
import { ActionIcon, Button, Group, Title, Tooltip } from '@mantine/core'
import { IconArrowsMaximize, IconDownload, IconExternalLink } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useId, useState, type ReactNode } from 'react'
import { csvAddress, type ChartName, type Grain } from '../../api/activation'
import { useAddress } from '../../parts/address'
import { Code } from '../../parts/Code'
import { ICON } from '../../parts/icons'
import { View } from '../../parts/View'
import { useTexts } from '../../texts/texts'
import type { Seen } from './LookPage'
import sheet from '../../parts/Sheet.module.css'
import style from './Activation.module.css'

interface ChartCardProps extends Seen {
  name: ChartName
  /** Ways to look at it, by the name of the view: the first is shown first. */
  views: Partial<Record<'chart' | 'flow' | 'table', ReactNode>>
  note?: string
}

export function ChartCard({ look, wanted, name, views, note }: ChartCardProps) {
  const texts = useTexts().activation
  const title = texts.charts[name]
  const id = useId()
  const { sentence = '', sql = null } = look.charts[name] ?? {}
  const word = texts.words[look.word as keyof typeof texts.words]
  const shown = { ...views, ...(sql && { sql: <Sql sql={sql} label={title} /> }) }
  const names = Object.keys(shown) as (keyof typeof shown)[]
  const [wish, choose] = useState<string>(names[0] ?? '')
  const open = names.find((one) => one === wish) ?? names[0] ?? 'chart'
  return (
    <section className={`${sheet.sheet} ${style.card}`} aria-labelledby={id} data-chart={name}>
      <Group justify="space-between" gap="xs">
        <Title order={2} id={id}>
          {title}
        </Title>
        <Group gap={6}>
          <View
            label={title}
            value={open}
            choose={choose}
            values={Object.fromEntries(names.map((one) => [one, texts.views[one]]))}
          />
          <Tools look={look} wanted={wanted} name={name} />
        </Group>
      </Group>
      <p className={style.sentence} style={{ margin: 0 }}>
        {texts.sentences[name](sentence, word)}
        {note && ` ${note}`}
      </p>
      {shown[open]}
    </section>
  )
}

function Tools({ look, wanted, name }: Seen & { name: ChartName }) {
  const texts = useTexts().activation
  const title = texts.charts[name]
  const [alone, showAlone] = useAddress('chart')
  return (
    <>
      <Button
        component="a"
        href={csvAddress(look.fact, look.grain as Grain, name, wanted)}
        download
        variant="default"
        leftSection={<IconDownload {...ICON} />}
        aria-label={texts.csvOf(title)}
      >
        {texts.csv}
      </Button>
      {!alone && (
        <Tooltip label={texts.alone(title)}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={texts.alone(title)}
            onClick={() => showAlone(name)}
          >
            <IconArrowsMaximize {...ICON} />
          </ActionIcon>
        </Tooltip>
      )}
    </>
  )
}

function Sql({ sql, label }: { sql: string; label: string }) {
  const texts = useTexts().activation
  return (
    <>
      <Code text={sql} label={`${label}: SQL`} />
      <Group>
        <Button
          renderRoot={(props) => <Link to="/playground" search={{ q: sql }} {...props} />}
          variant="default"
          leftSection={<IconExternalLink {...ICON} />}
        >
          {texts.playground}
        </Button>
      </Group>
    </>
  )
}
