/** One asset on the canvas: its state, its columns where they matter, and what is hidden beside it. */
import { Handle, Position, type Node, type NodeProps } from '@xyflow/react'
import { memo } from 'react'
import { Status, type Tone } from '../../parts/Status'
import { useTexts } from '../../texts/texts'
import type { LineageAsset } from '../../api/lineage'
import { fitting } from './graph'
import style from './Lineage.module.css'
import { HEAD_MIDDLE, rowMiddle, type AssetBox } from './picture'

export interface Drawn extends Record<string, unknown> {
  box: AssetBox
  focus: boolean
  cursor: boolean
  /** Not on the path of the column that is chosen. */
  dim: boolean
  column: string
  show: (asset: string) => void
  open: (word: string) => void
  choose: (column: string) => void
  unfold: () => void
}

export type AssetNodeType = Node<Drawn, 'asset'>

export const STATE_TONES: Record<LineageAsset['state'], Tone> = {
  current: 'good',
  stale: 'warn',
  missing: 'bad',
  failed: 'bad',
  empty: 'quiet',
  none: 'quiet',
}

/** Pointers only: the keyboard walks the canvas as a whole, and the table below has it all. */
export const AssetNode = memo(function AssetNode({ data }: NodeProps<AssetNodeType>) {
  const { box, focus, cursor, dim, show, open } = data
  const { asset, hiddenUp, hiddenDown } = box.asset
  const [stage = '', table = ''] = asset.split('/')
  const texts = useTexts().lineage
  return (
    <div
      className={style.node}
      data-focus={focus || undefined}
      data-cursor={cursor || undefined}
      data-dim={dim || undefined}
    >
      <button
        type="button"
        tabIndex={-1}
        className={style.head}
        title={asset}
        onClick={() => show(asset)}
      >
        <Status tone={STATE_TONES[box.asset.state]}>{stage}</Status>
        <span className={style.table}>{fitting(table)}</span>
      </button>
      <Ends at={HEAD_MIDDLE} name="" />
      {box.columns.map((name, index) => (
        <Ends key={name} at={rowMiddle(index)} name={`.${name}`} />
      ))}
      <ColumnRows data={data} />
      {hiddenUp > 0 && (
        <button
          type="button"
          tabIndex={-1}
          className={style.before}
          aria-label={texts.showMore(asset, hiddenUp, true)}
          onClick={() => open(`<${asset}`)}
        >
          +{hiddenUp}
        </button>
      )}
      {hiddenDown > 0 && (
        <button
          type="button"
          tabIndex={-1}
          className={style.after}
          aria-label={texts.showMore(asset, hiddenDown, false)}
          onClick={() => open(`>${asset}`)}
        >
          +{hiddenDown}
        </button>
      )}
    </div>
  )
})

/** Where lines end: at the asset's name, or at a column. */
function Ends({ at, name }: { at: number; name: string }) {
  const shared = { className: style.end, style: { top: at }, isConnectable: false }
  return (
    <>
      <Handle {...shared} id={`in${name}`} type="target" position={Position.Left} />
      <Handle {...shared} id={`out${name}`} type="source" position={Position.Right} />
    </>
  )
}

function ColumnRows({ data: { box, focus, column, choose, unfold } }: { data: Drawn }) {
  const texts = useTexts().lineage
  if (box.columns.length === 0) return null
  return (
    <ul className={style.columns}>
      {box.columns.map((name) => (
        <li key={name}>
          {focus ? (
            <button
              type="button"
              tabIndex={-1}
              className={style.column}
              data-chosen={name === column || undefined}
              onClick={() => choose(name === column ? '' : name)}
            >
              {name}
            </button>
          ) : (
            <span className={style.column} data-chosen>
              {name || texts.rows}
            </span>
          )}
        </li>
      ))}
      {box.more > 0 && (
        <li className={style.rest}>
          <button type="button" tabIndex={-1} onClick={unfold}>
            {texts.more(box.more)}
          </button>
        </li>
      )}
    </ul>
  )
}
