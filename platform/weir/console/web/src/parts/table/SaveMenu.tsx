/** Saves the rows that are shown, in the order in which they are shown. */
import { Button, Menu } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useTexts } from '../../texts/texts'
import { ICON } from '../icons'
import type { Column } from './columns'
import { asCsv, asJson, download } from './save'

interface SaveMenuProps<Row> {
  name: string
  rows: Row[]
  columns: Column<Row>[]
}

export function SaveMenu<Row>({ name, rows, columns }: SaveMenuProps<Row>) {
  const { table } = useTexts().parts
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload {...ICON} />} title={table.saveHint}>
          {table.save}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => download(`${name}.csv`, 'text/csv', asCsv(rows, columns))}>
          {table.csv}
        </Menu.Item>
        <Menu.Item
          onClick={() => download(`${name}.json`, 'application/json', asJson(rows, columns))}
        >
          {table.json}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
