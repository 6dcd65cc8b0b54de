/** What a table reads, and what reads it: one step up and one step down. */
import { SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Model } from '../../api/types'
import { AssetLink } from '../../parts/AssetLink'
import { useTexts } from '../../texts/texts'
import sheet from '../../parts/Sheet.module.css'
import style from './Neighbours.module.css'

export function Neighbours({ model }: { model: Model }) {
  const texts = useTexts().models.lineage
  return (
    <Stack gap="md">
      <Link to="/lineage" search={{ asset: model.asset }}>
        {texts.picture}
      </Link>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xl">
        <Side title={texts.reads} assets={model.reads} none={texts.source} />
        <Side title={texts.readBy} assets={model.read_by} none={texts.end} />
      </SimpleGrid>
    </Stack>
  )
}

interface SideProps {
  title: string
  assets: string[]
  none: string
}

function Side({ title, assets, none }: SideProps) {
  return (
    <section aria-label={title}>
      <Title order={2} mb="xs">
        {title}
      </Title>
      {assets.length === 0 ? (
        <Text c="dimmed">{none}</Text>
      ) : (
        <ul className={`${sheet.list} ${style.assets}`}>
          {assets.map((asset) => (
            <li key={asset}>
              <AssetLink asset={asset} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
