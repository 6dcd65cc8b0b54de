/** The columns of the list of models. */
import { Group, Text } from '@mantine/core'
import type { ModelRow } from '../../api/types'
import { AssetLink } from '../../parts/AssetLink'
import { Status } from '../../parts/Status'
import type { Column } from '../../parts/table/columns'
import { PartitionKey } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts, worded } from '../../texts/texts'
import style from './Models.module.css'

export function useModelColumns(): Column<ModelRow>[] {
  const { models: texts, parts } = useTexts()
  const { seconds } = useFormats()
  return [
    {
      key: 'asset',
      header: texts.asset,
      value: ({ asset }) => asset,
      cell: ({ asset, description }) => (
        <div className={style.name}>
          <AssetLink asset={asset} />
          <Text size="xs" c="dimmed" lineClamp={1} title={description}>
            {description}
          </Text>
        </div>
      ),
    },
    {
      key: 'grain',
      header: texts.grain,
      value: ({ grain }) => grain,
      cell: ({ grain }) => worded(parts.grains, grain),
      minor: true,
    },
    { key: 'owner', header: texts.owner, value: ({ owner }) => owner, minor: true },
    { key: 'rows', header: texts.rows, value: ({ rows }) => rows, numeric: true, minor: true },
    {
      key: 'newest',
      header: texts.newest,
      value: ({ newest }) => newest,
      cell: ({ newest }) => <PartitionKey value={newest} />,
      minor: true,
    },
    {
      key: 'state',
      header: texts.state,
      value: ({ failed, missing, stale }) => failed + missing + stale,
      cell: (row) => <State {...row} />,
    },
    {
      key: 'seconds',
      header: texts.seconds,
      value: (row) => row.seconds,
      cell: (row) => (row.seconds === null ? '–' : seconds(row.seconds)),
      numeric: true,
      minor: true,
    },
    {
      key: 'columns',
      header: texts.columns,
      value: ({ columns }) => columns,
      numeric: true,
      minor: true,
    },
  ]
}

type Counts = Pick<ModelRow, 'newest' | 'failed' | 'missing' | 'stale'>

/** Failed, missing and stale partitions; or that there are none. */
export function State({ newest, failed, missing, stale }: Counts) {
  const texts = useTexts().models
  const wrong = failed + missing + stale
  if (wrong === 0 && !newest) return <Status tone="quiet">{texts.nothing}</Status>
  if (wrong === 0) return <Status tone="good">{texts.good}</Status>
  return (
    <Group gap="0 10px">
      {failed > 0 && <Status tone="bad">{texts.failed(failed)}</Status>}
      {missing > 0 && <Status tone="bad">{texts.missing(missing)}</Status>}
      {stale > 0 && <Status tone="warn">{texts.stale(stale)}</Status>}
    </Group>
  )
}
