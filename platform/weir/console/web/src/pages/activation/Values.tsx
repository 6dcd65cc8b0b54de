/** The same bars for each value of a dimension, and the values beside each other in one period. */
import { Title } from '@mantine/core'
import { useMemo } from 'react'
import { Chart } from '../../parts/chart/Chart'
import { DataTable } from '../../parts/table/DataTable'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { ChartCard } from './ChartCard'
import { bars } from './Decomposition'
import type { Seen } from './LookPage'
import style from './Activation.module.css'

type Row = NonNullable<Seen['look']['values']>[number]

export function Values({ look, wanted }: Seen) {
  const texts = useTexts().activation
  const values = useMemo(() => look.values ?? [], [look.values])
  const byValue = useMemo(() => Map.groupBy(values, ({ value }) => value), [values])
  const at = values.filter(({ period }) => period === look.at)
  const count = (key: 'active' | 'new_users' | 'retained' | 'reactivated' | 'went') => ({
    key,
    value: (row: Row) => row[key],
    numeric: true,
  })
  return (
    <ChartCard
      look={look}
      wanted={wanted}
      name="values"
      views={{
        chart: (
          <div className={style.values}>
            {[...byValue].map(([value, rows]) => (
              <Small key={value} value={value} rows={rows} />
            ))}
          </div>
        ),
        table: (
          <DataTable
            name={`${look.fact}-${look.grain}-${look.dimension ?? ''}`}
            address="values-"
            label={texts.charts.values}
            rows={at}
            columns={[
              { key: 'value', header: look.dimension ?? '', value: ({ value }) => value },
              { ...count('active'), header: texts.active },
              { ...count('new_users'), header: texts.states.New },
              { ...count('retained'), header: texts.states.Retained },
              { ...count('reactivated'), header: texts.states.Reactivated },
              { ...count('went'), header: texts.went },
            ]}
            id={({ value }) => value}
          />
        ),
      }}
    />
  )
}

function Small({ value, rows }: { value: string; rows: Row[] }) {
  const texts = useTexts().activation
  const formats = useFormats()
  const option = useMemo(() => bars(rows, null, texts, formats, false), [rows, texts, formats])
  return (
    <div>
      <Title order={3}>{value}</Title>
      <Chart label={value} option={option} height={150} />
    </div>
  )
}
