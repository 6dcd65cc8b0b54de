/** The columns of a table, each with where its values come from. */
import { Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Model } from '../../api/types'
import { ColumnLink } from '../../parts/AssetLink'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { useTexts } from '../../texts/texts'
import style from './Models.module.css'

type TableColumn = Model['columns_of'][number]

export function ColumnTable({ model }: { model: Model }) {
  const { column: texts, tabs } = useTexts().models
  if (model.columns_of.length === 0) return <Text c="dimmed">{texts.none}</Text>
  const columns: Column<TableColumn>[] = [
    {
      key: 'name',
      header: texts.name,
      value: ({ name }) => name,
      cell: ({ name }) => (
        <Link to="/lineage" search={{ asset: model.asset, column: name }}>
          <code>{name}</code>
        </Link>
      ),
    },
    { key: 'type', header: texts.type, value: ({ type }) => type },
    { key: 'description', header: texts.description, value: ({ description }) => description },
    {
      key: 'from',
      header: texts.from,
      value: ({ sources }) => sources.join(' '),
      cell: ({ sources }) => (
        <span className={style.from}>
          {sources.map((source) => (
            <ColumnLink key={source} column={source} />
          ))}
        </span>
      ),
    },
  ]
  return (
    <DataTable
      name={`${model.asset.replaceAll('/', '-')}-columns`}
      label={tabs.columns}
      rows={model.columns_of}
      columns={columns}
      id={({ name }) => name}
      text={({ name, description }) => `${name} ${description}`}
    />
  )
}
