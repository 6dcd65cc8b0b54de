/** The graph as a picture that is panned, zoomed and walked by keyboard. Only what is in sight is drawn. */
import { ActionIcon, Group, Tooltip, VisuallyHidden } from '@mantine/core'
import { IconMaximize, IconMinus, IconPlus } from '@tabler/icons-react'
import {
  Background,
  Panel,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  type Edge,
} from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { useCallback, useEffect, useId, useMemo, useState, type KeyboardEvent } from 'react'
import { ICON } from '../../parts/icons'
import { useTexts } from '../../texts/texts'
import { AssetNode, type AssetNodeType, type Drawn } from './AssetNode'
import { walk, type Direction, type Graph, type Part, type Places } from './graph'
import style from './Lineage.module.css'
import type { Placed } from './layout'
import {
  boxesOf,
  HEAD_MIDDLE,
  linesOf,
  onPath,
  rowMiddle,
  type AssetBox,
  type Choice,
  type Line,
} from './picture'
import { useLayout } from './useLayout'

interface CanvasProps {
  graph: Graph
  part: Part
  choice: Choice
  show: (asset: string) => void
  open: (word: string) => void
  choose: (column: string) => void
  unfold: () => void
}

const NODE_TYPES = { asset: AssetNode }
const NEAREST = 1.6
const FARTHEST = 0.01
const READABLE = 0.8
const MANY = 60 // assets that no window shows in a readable size

export function Canvas(props: CanvasProps) {
  return (
    <ReactFlowProvider>
      <Inside {...props} />
    </ReactFlowProvider>
  )
}

function Inside({ graph, part, choice, show, open, choose, unfold }: CanvasProps) {
  const texts = useTexts().lineage
  const { states } = useStates()
  const focus = choice.asset
  const [cursor, setCursor] = useState(focus)
  const boxes = useMemo(() => boxesOf(part, choice), [part, choice])
  const lines = useMemo(() => linesOf(part, choice), [part, choice])
  const task = useMemo(
    () => ({
      boxes: boxes.map(({ id, width, height }) => ({ id, width, height })),
      edges: part.edges,
    }),
    [boxes, part.edges],
  )
  const placed = useLayout(task)
  const shared = useMemo(
    () => ({ focus, column: choice.column, show, open, choose, unfold }),
    [focus, choice.column, show, open, choose, unfold],
  )
  const still = useNodes(placed, boxes, choice, shared)
  const nodes = useMemo(() => marked(still, cursor), [still, cursor])
  const edges = useMemo(
    () => lines.map((line) => edgeOf(line, choice.column !== '')),
    [lines, choice.column],
  )
  const places: Places = useMemo(
    () => new Map(placed.map(([id, x, y]) => [id, { x, y }])),
    [placed],
  )
  const centre = useCentre(still, focus, placed)
  const keysId = useId()

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Enter' && event.target === event.currentTarget) show(cursor)
    else if (event.key.startsWith('Arrow')) {
      const next = walk(graph, places, cursor, event.key as Direction)
      setCursor(next)
      centre(next)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  const marked_ = graph.assets.get(cursor)

  return (
    <>
      <div className={style.canvas}>
        {/* One widget with keys of its own: what is drawn in it comes and goes as it is panned. */}
        <ReactFlow
          tabIndex={0}
          aria-label={texts.canvas(focus)}
          aria-describedby={keysId}
          onKeyDown={onKeyDown}
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          onlyRenderVisibleElements
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          minZoom={FARTHEST}
          maxZoom={NEAREST}
        >
          <Background gap={24} color="var(--weir-line)" />
          <Buttons />
        </ReactFlow>
      </div>
      <VisuallyHidden role="status">
        {marked_ && texts.at(cursor, states[marked_.state])}
      </VisuallyHidden>
      <p id={keysId} className={style.keys}>
        {texts.keys}
      </p>
    </>
  )
}

/** Words for the states of assets. */
export function useStates() {
  const { parts, models } = useTexts()
  return { states: { ...parts.partitions, empty: models.nothing, none: '–' } }
}

type Shared = Pick<CanvasProps, 'show' | 'open' | 'choose' | 'unfold'> & {
  focus: string
  column: string
}

/** Nodes where the layout put them. Their sizes and ends are told, so that nothing has to be measured. */
function useNodes(
  placed: Placed,
  boxes: AssetBox[],
  choice: Choice,
  shared: Shared,
): AssetNodeType[] {
  return useMemo(() => {
    const by = new Map(boxes.map((box) => [box.id, box]))
    const path = onPath(choice)
    return placed.flatMap(([id, x, y]) => {
      const box = by.get(id)
      if (!box) return []
      const data = {
        ...shared,
        box,
        focus: id === shared.focus,
        cursor: false,
        dim: path.size > 0 && !path.has(id),
      }
      return [nodeOf(box, x, y, data)]
    })
  }, [placed, boxes, choice, shared])
}

function nodeOf(box: AssetBox, x: number, y: number, data: Drawn): AssetNodeType {
  const { id, width, height, columns } = box
  const ends = [undefined, ...columns].flatMap((column, index) => {
    const at = column === undefined ? HEAD_MIDDLE : rowMiddle(index - 1)
    const name = column === undefined ? '' : `.${column}`
    return [
      { id: `in${name}`, type: 'target' as const, position: Position.Left, x: 0, y: at },
      { id: `out${name}`, type: 'source' as const, position: Position.Right, x: width, y: at },
    ]
  })
  return {
    id,
    type: 'asset',
    position: { x, y },
    width,
    height,
    measured: { width, height },
    handles: ends,
    data,
  }
}

/** The same nodes, with the one that the keyboard is at marked: all others stay the same objects. */
function marked(nodes: AssetNodeType[], cursor: string): AssetNodeType[] {
  return nodes.map((node) =>
    node.id === cursor ? { ...node, data: { ...node.data, cursor: true } } : node,
  )
}

function edgeOf(
  { id, source, target, sourceColumn, targetColumn, lit }: Line,
  path: boolean,
): Edge {
  return {
    id,
    source,
    target,
    sourceHandle: sourceColumn === undefined ? 'out' : `out.${sourceColumn}`,
    targetHandle: targetColumn === undefined ? 'in' : `in.${targetColumn}`,
    className: lit ? style.lit : path ? style.faint : style.line,
    zIndex: lit ? 1 : 0,
  }
}

/** Brings an asset into the middle; the one in focus whenever the picture was laid out anew. */
function useCentre(nodes: AssetNodeType[], focus: string, placed: Placed) {
  const { setCenter, getZoom, fitView } = useReactFlow()
  const centre = useCallback(
    (asset: string, zoom = getZoom()) => {
      const node = nodes.find(({ id }) => id === asset)
      if (!node) return
      const { x, y } = node.position
      void setCenter(x + (node.width ?? 0) / 2, y + (node.height ?? 0) / 2, { zoom, duration: 120 })
    },
    [nodes, setCenter, getZoom],
  )
  useEffect(() => {
    if (placed.length > MANY) {
      centre(focus, READABLE)
      return
    }
    void fitView({ padding: 0.08, maxZoom: 1 }).then(() => {
      if (getZoom() < READABLE) centre(focus, READABLE)
    })
    // Only when things stand elsewhere, or something else is looked at.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [placed, focus])
  return centre
}

function Buttons() {
  const texts = useTexts().lineage
  const { fitView, zoomIn, zoomOut } = useReactFlow()
  const all = [
    { label: texts.in, icon: IconPlus, act: () => void zoomIn() },
    { label: texts.out, icon: IconMinus, act: () => void zoomOut() },
    { label: texts.fit, icon: IconMaximize, act: () => void fitView({ padding: 0.08 }) },
  ]
  return (
    <Panel position="top-right">
      <Group gap={4}>
        {all.map(({ label, icon: Icon, act }) => (
          <Tooltip key={label} label={label}>
            <ActionIcon variant="default" aria-label={label} onClick={act}>
              <Icon {...ICON} />
            </ActionIcon>
          </Tooltip>
        ))}
      </Group>
    </Panel>
  )
}
