/** Versions, and every setting in force with where it comes from. */
import { Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { engines, type Setting } from '../../api/settings'
import { useAddress } from '../../parts/address'
import { Asked } from '../../parts/Asked'
import { Facts } from '../../parts/Facts'
import { useMay } from '../../parts/may'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { View } from '../../parts/View'
import { useTexts } from '../../texts/texts'
import style from './Settings.module.css'

export function Engines() {
  const { settings } = useTexts()
  const admin = useMay('admin')
  return admin ? <Shown /> : <Text c="dimmed">{settings.adminOnly}</Text>
}

function Shown() {
  const texts = useTexts().settings.engines
  const query = useQuery(engines)
  return (
    <Asked query={query}>
      {({ weir, versions, file, settings: all }) => (
        <Stack gap="md">
          <section aria-labelledby="versions">
            <Title order={2} id="versions" mb="xs">
              {texts.versions}
            </Title>
            <Facts facts={{ Weir: weir, ...versions }} />
          </section>
          <section aria-labelledby="settings">
            <Title order={2} id="settings">
              {texts.inForce}
            </Title>
            <Text size="sm" c="dimmed" mb="xs">
              {texts.file(file)}
            </Text>
            <Table all={all} />
          </section>
        </Stack>
      )}
    </Asked>
  )
}

function Table({ all }: { all: Setting[] }) {
  const texts = useTexts().settings.engines
  const [show, setShow] = useAddress('show', 'all')
  const columns: Column<Setting>[] = [
    {
      key: 'name',
      header: texts.name,
      value: ({ name }) => name,
      cell: ({ name, variable }) => <code title={variable}>{name}</code>,
    },
    {
      key: 'value',
      header: texts.value,
      value: ({ value }) => value,
      cell: ({ value }) =>
        value ? (
          <code className={style.value}>{value}</code>
        ) : (
          <Text size="sm" c="dimmed">
            {texts.empty}
          </Text>
        ),
    },
    {
      key: 'origin',
      header: texts.origin,
      value: ({ origin }) => origin,
      cell: ({ origin, variable }) => (
        <span title={origin === 'environment' ? variable : undefined}>{texts.origins[origin]}</span>
      ),
    },
    {
      key: 'default',
      header: texts.default,
      value: (one) => one.default,
      minor: true,
    },
    {
      key: 'description',
      header: texts.description,
      value: ({ description }) => description,
      minor: true,
    },
  ]
  return (
    <DataTable
      name="settings"
      label={texts.inForce}
      rows={show === 'changed' ? all.filter(({ origin }) => origin !== 'default') : all}
      columns={columns}
      id={({ name }) => name}
      text={({ name, variable, value, description }) =>
        `${name} ${variable} ${value} ${description}`
      }
      filterLabel={texts.filter}
    >
      <View
        label={texts.inForce}
        value={show}
        choose={setShow}
        values={{ all: texts.all, changed: texts.changed }}
      />
    </DataTable>
  )
}
