/** The history of plans: how each stands, what it took against what was planned. */
import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { plans as ask, type PlanRow } from '../../api/recovery'
import { Asked } from '../../parts/Asked'
import { Empty } from '../../parts/Empty'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { When } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { Standing } from './Standing'

export function Plans() {
  const texts = useTexts().recovery.plans
  const query = useQuery(ask)
  return (
    <Asked query={query}>
      {({ plans, in_all: all }) =>
        all === 0 ? (
          <Empty title={texts.none} text={texts.noneText} command="weir plan recover" />
        ) : (
          <Stack gap="xs">
            <History plans={plans} />
            {plans.length < all && (
              <Text size="sm" c="dimmed">
                {texts.some(plans.length, all)}
              </Text>
            )}
          </Stack>
        )
      }
    </Asked>
  )
}

function History({ plans }: { plans: PlanRow[] }) {
  const { recovery, plan } = useTexts()
  const texts = recovery.plans
  const { seconds } = useFormats()
  const columns: Column<PlanRow>[] = [
    {
      key: 'id',
      header: texts.id,
      value: ({ id }) => id,
      cell: ({ id }) => (
        <Link to="/recovery/$plan" params={{ plan: id }}>
          <code>{id}</code>
        </Link>
      ),
    },
    {
      key: 'made',
      header: texts.made,
      value: ({ made_at: at }) => at,
      cell: ({ made_at: at }) => <When at={at} />,
      minor: true,
    },
    {
      key: 'about',
      header: texts.about,
      value: ({ assets }) => assets.join(' '),
      cell: ({ assets, since, until }) => (
        <>
          {assets.length > 0 ? assets.join(', ') : texts.everything} {plan.range(since, until)}
        </>
      ),
    },
    {
      key: 'stands',
      header: texts.stands,
      value: ({ standing }) => standing,
      cell: (row) => <Standing {...row} />,
      short: true,
    },
    {
      key: 'steps',
      header: texts.steps,
      value: ({ done }) => done,
      cell: ({ done, steps }) => `${done}/${steps}`,
      numeric: true,
      minor: true,
    },
    {
      key: 'estimate',
      header: texts.estimate,
      value: ({ estimate }) => estimate.p50,
      cell: ({ estimate }) => (estimate.p50 === null ? '–' : seconds(estimate.p50)),
      numeric: true,
      minor: true,
    },
    {
      key: 'took',
      header: texts.took,
      value: ({ took }) => took,
      cell: ({ took }) => (took === null ? '–' : seconds(took)),
      numeric: true,
      minor: true,
    },
  ]
  return (
    <DataTable
      name="plans"
      label={recovery.tabs.plans}
      rows={plans}
      columns={columns}
      id={({ id }) => id}
      text={({ id, assets, standing }) => `${id} ${assets.join(' ')} ${standing}`}
    />
  )
}
