/** One node of the tree: its name, its kind, what it means, and whether something is wrong with it. */
import { ActionIcon } from '@mantine/core'
import {
  IconChevronDown,
  IconChevronRight,
  IconGripVertical,
  IconPlus,
  IconTrash,
} from '@tabler/icons-react'
import { useState, type Dispatch, type DragEvent } from 'react'
import { ICON } from '../../parts/icons'
import { Status, type Tone } from '../../parts/Status'
import { worded } from '../../texts/texts'
import type { Note } from './notes'
import type { Node } from './tree/model'
import { addChild, pathOf, remove, room, update, type Row, type Where } from './tree/tree'
import style from './Tree.module.css'
import type { Action } from './useBuilder'
import { useBuilderTexts } from './texts'

interface Props {
  row: Row
  root: Node
  at: boolean
  /** Whether the keyboard comes in here, when no row is at hand. */
  first: boolean
  naming: boolean
  closed: boolean
  worst: Note['severity'] | undefined
  act: Dispatch<Action>
  dropped: (id: string, where: Where) => void
}

const TONES: Record<Note['severity'], Tone> = { error: 'bad', warning: 'warn', hint: 'quiet' }
const DRAGGED = 'application/x-weir-node'

export function TreeRow(props: Props) {
  const { row, root, at, naming, closed, act } = props
  const texts = useBuilderTexts()
  const { node, depth, index, count } = row
  const label = pathOf(root, node.id) || texts.tree.unnamed
  const drag = useDrop(node, props.dropped)
  return (
    <div
      role="row"
      aria-level={depth + 1}
      aria-posinset={index + 1}
      aria-setsize={count}
      aria-selected={at}
      aria-expanded={node.children.length > 0 ? !closed : undefined}
      aria-label={`${label}, ${worded(texts.kinds, node.kind)}`}
      tabIndex={at || props.first ? 0 : -1}
      className={style.row}
      data-over={drag.over}
      style={{ '--depth': depth }}
      draggable={!naming}
      onClick={() => act({ do: 'at', id: node.id })}
      onDoubleClick={() => row.parent?.kind === 'object' && act({ do: 'naming', id: node.id })}
      onKeyDown={() => undefined}
      {...drag.handlers}
    >
      <div role="gridcell" className={style.name}>
        <IconGripVertical {...ICON} size={14} className={style.grip} />
        <Fold node={node} closed={closed} label={label} act={act} />
        {naming ? (
          <NameInput node={node} root={root} act={act} />
        ) : (
          <code className={style.word} data-none={isUnnamed(row) || undefined}>
            {shownName(row, texts.tree.unnamed)}
          </code>
        )}
      </div>
      <Kind node={node} />
      <About node={node} worst={props.worst} />
      <div role="gridcell" className={style.tools}>
        {node.children.length < room(node.kind) && (
          <Tool
            label={texts.tree.addIn(label)}
            icon={<IconPlus {...ICON} size={14} />}
            run={() => act({ do: 'tree', edit: addChild(root, node.id), naming: true })}
          />
        )}
        <Tool
          label={texts.tree.remove(label)}
          icon={<IconTrash {...ICON} size={14} />}
          run={() => act({ do: 'tree', edit: remove(root, node.id) })}
        />
      </div>
    </div>
  )
}

interface FoldProps {
  node: Node
  closed: boolean
  label: string
  act: Dispatch<Action>
}

function Fold({ node, closed, label, act }: FoldProps) {
  const { tree } = useBuilderTexts()
  if (node.children.length === 0) return <span className={style.leaf} />
  const Chevron = closed ? IconChevronRight : IconChevronDown
  return (
    <button
      type="button"
      tabIndex={-1}
      className={style.toggle}
      aria-label={closed ? tree.open(label) : tree.close(label)}
      onClick={() => act({ do: 'fold', id: node.id, open: closed })}
    >
      <Chevron {...ICON} size={14} />
    </button>
  )
}

function Kind({ node }: { node: Node }) {
  const texts = useBuilderTexts()
  return (
    <div role="gridcell" className={style.kind}>
      {worded(texts.kinds, node.kind)}
      {node.required && <span className={style.mark}> {texts.form.required}</span>}
      {node.nullable && <span> {texts.form.nullable}</span>}
      {node.pii && <span className={style.pii}> {worded(texts.pii, node.pii)}</span>}
    </div>
  )
}

function About({ node, worst }: { node: Node; worst: Note['severity'] | undefined }) {
  const { severities } = useBuilderTexts()
  return (
    <div role="gridcell" className={style.about}>
      {worst && (
        <Status tone={TONES[worst]}>
          <span className={style.hidden}>{severities[worst]}</span>
        </Status>
      )}
      <span className={style.cut}>{aboutOf(node)}</span>
    </div>
  )
}

function isUnnamed({ node, parent }: Row): boolean {
  return parent?.kind === 'object' && node.name === ''
}

function aboutOf({ keywords }: Node): string {
  const { description, $ref } = keywords
  return typeof description === 'string' ? description : typeof $ref === 'string' ? $ref : ''
}

function shownName({ node, parent, index }: Row, unnamed: string): string {
  if (parent?.kind === 'array') return '[ ]'
  if (parent?.kind === 'map') return '{ }'
  if (parent?.kind === 'union') return `| ${index + 1}`
  return node.name || unnamed
}

function Tool({ label, icon, run }: { label: string; icon: React.ReactNode; run: () => void }) {
  return (
    <ActionIcon
      size="sm"
      variant="subtle"
      color="gray"
      tabIndex={-1}
      aria-label={label}
      title={label}
      onClick={(event) => {
        event.stopPropagation()
        run()
      }}
    >
      {icon}
    </ActionIcon>
  )
}

function NameInput({ node, root, act }: { node: Node; root: Node; act: Dispatch<Action> }) {
  const texts = useBuilderTexts()
  const type = (name: string) => {
    const edit = { root: update(root, node.id, (old) => ({ ...old, name })), at: node.id }
    act({ do: 'change', doc: (doc) => ({ ...doc, root: edit.root }), of: `name ${node.id}` })
  }
  return (
    <input
      // It is there because somebody asked to type a name.
      // eslint-disable-next-line jsx-a11y/no-autofocus
      autoFocus
      className={style.input}
      aria-label={texts.form.name}
      value={node.name}
      spellCheck={false}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => type(event.currentTarget.value)}
      onClick={(event) => event.stopPropagation()}
      onBlur={() => act({ do: 'named' })}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== 'Escape') return
        event.stopPropagation()
        event.preventDefault()
        act({ do: 'naming', id: '' })
      }}
    />
  )
}

function useDrop(node: Node, dropped: (id: string, where: Where) => void) {
  const [over, setOver] = useState<Where | undefined>(undefined)
  const where = (event: DragEvent): Where => {
    const box = event.currentTarget.getBoundingClientRect()
    const share = (event.clientY - box.top) / box.height
    const inside = node.children.length < room(node.kind)
    if (inside && share > 0.25 && share < 0.75) return 'inside'
    return share < 0.5 ? 'before' : 'after'
  }
  return {
    over,
    handlers: {
      onDragStart: (event: DragEvent) => {
        event.stopPropagation()
        event.dataTransfer.setData(DRAGGED, node.id)
        event.dataTransfer.effectAllowed = 'move'
      },
      onDragOver: (event: DragEvent) => {
        if (!event.dataTransfer.types.includes(DRAGGED)) return
        event.preventDefault()
        setOver(where(event))
      },
      onDragLeave: () => setOver(undefined),
      onDrop: (event: DragEvent) => {
        event.preventDefault()
        setOver(undefined)
        dropped(event.dataTransfer.getData(DRAGGED), where(event))
      },
    },
  }
}
