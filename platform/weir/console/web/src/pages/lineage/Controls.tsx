/** Which asset is looked at, how far, and which of its columns. */
import { NativeSelect, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { columns as askColumns } from '../../api/lineage'
import { useAddress } from '../../parts/address'
import { ICON } from '../../parts/icons'
import { useTexts } from '../../texts/texts'
import type { Graph } from './graph'
import style from './Lineage.module.css'
import { useMoves } from './LineagePage'

const FAR = ['0', '1', '2', '3', '4', '5', '8', '50']

export function Controls({ graph }: { graph: Graph }) {
  const texts = useTexts().lineage
  const [asset] = useAddress('asset')
  const [up, setUp] = useAddress('up', '2')
  const [down, setDown] = useAddress('down', '2')
  return (
    <div className={style.controls}>
      <Find key={asset} graph={graph} asset={asset} />
      <NativeSelect
        label={texts.up}
        value={up}
        data={FAR}
        onChange={(event) => setUp(event.currentTarget.value)}
      />
      <NativeSelect
        label={texts.down}
        value={down}
        data={FAR}
        onChange={(event) => setDown(event.currentTarget.value)}
      />
      {asset && <ColumnSelect asset={asset} />}
    </div>
  )
}

function Find({ graph, asset }: { graph: Graph; asset: string }) {
  const texts = useTexts().lineage
  const { show } = useMoves()
  const [typed, setTyped] = useState(asset)
  const change = (text: string) => {
    setTyped(text)
    if (graph.assets.has(text)) show(text)
  }
  return (
    <form
      className={style.search}
      onSubmit={(event) => {
        event.preventDefault()
        const words = typed.toLowerCase()
        const found = [...graph.assets.keys()].find((name) => name.toLowerCase().includes(words))
        if (found && words) show(found)
      }}
    >
      <TextInput
        data-filter
        type="search"
        label={texts.search}
        list="lineage-assets"
        leftSection={<IconSearch {...ICON} />}
        value={typed}
        onChange={(event) => change(event.currentTarget.value)}
      />
      <datalist id="lineage-assets">
        {[...graph.assets.keys()].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </form>
  )
}

function ColumnSelect({ asset }: { asset: string }) {
  const texts = useTexts().lineage
  const [column] = useAddress('column')
  const { choose } = useMoves()
  const found = useQuery(askColumns(asset, '', 0, 0)).data?.columns ?? []
  return (
    <NativeSelect
      label={texts.column}
      value={column}
      onChange={(event) => choose(event.currentTarget.value)}
      data={[{ value: '', label: texts.noColumn }, ...found.map(({ name }) => name)]}
    />
  )
}
