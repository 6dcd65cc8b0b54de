/**
 * The parameters as a tree that is edited by keyboard and mouse (WAI-ARIA treegrid): arrows walk and
 * fold, Enter names, Alt with arrows moves, Insert adds beside, Shift-Insert or + inside, Delete removes.
 */
import { Button, Group, Text } from '@mantine/core'
import { IconArrowBackUp, IconArrowForwardUp, IconPlus } from '@tabler/icons-react'
import { useEffect, useRef, type Dispatch, type KeyboardEvent } from 'react'
import { ICON } from '../../parts/icons'
import type { Note } from './notes'
import {
  addChild,
  addSibling,
  drop,
  duplicate,
  move,
  remove,
  rowsOf,
  type Direction,
  type Row,
} from './tree/tree'
import style from './Tree.module.css'
import { TreeRow } from './TreeRow'
import type { Action, State } from './useBuilder'
import { useBuilderTexts } from './texts'

interface Props {
  state: State
  act: Dispatch<Action>
  worst: Map<string, Note['severity']>
}

const MOVES: Partial<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'out',
  ArrowRight: 'in',
}

export function TreeEditor({ state, act, worst }: Props) {
  const texts = useBuilderTexts()
  const grid = useRef<HTMLDivElement>(null)
  const { root } = state.history.now
  const rows = rowsOf(root, state.closed)
  const chosen = rows.findIndex(({ node }) => node.id === state.at)
  const here = Math.max(chosen, 0)

  useEffect(() => {
    if (state.focus === 0) return
    grid.current?.querySelector<HTMLElement>('[role=row][tabindex="0"]')?.focus()
  }, [state.focus])

  const walk = (index: number) => {
    const row = rows[Math.min(Math.max(index, 0), rows.length - 1)]
    if (row) act({ do: 'at', id: row.node.id, focus: true })
  }

  const onKey = (event: KeyboardEvent) => {
    const row = rows[here]
    if (!row || !(event.target instanceof HTMLElement) || event.target.role !== 'row') return
    const done = event.altKey
      ? moved(event.key, row)
      : event.ctrlKey || event.metaKey
        ? copied(event.key, row)
        : changed(event, row) || walked(event.key, row)
    if (!done) return
    event.preventDefault()
    event.stopPropagation()
  }

  function moved(key: string, { node }: Row): boolean {
    const direction = MOVES[key]
    if (direction) act({ do: 'tree', edit: move(root, node.id, direction) })
    return direction !== undefined
  }

  function copied(key: string, { node }: Row): boolean {
    if (key !== 'd') return false
    act({ do: 'tree', edit: duplicate(root, node.id) })
    return true
  }

  function changed({ key, shiftKey }: KeyboardEvent, { node, parent }: Row): boolean {
    if (key === 'Insert' && !shiftKey)
      act({ do: 'tree', edit: addSibling(root, node.id), naming: true })
    else if (key === 'Insert' || key === '+') {
      act({ do: 'tree', edit: addChild(root, node.id), naming: true })
    } else if (key === 'Delete') act({ do: 'tree', edit: remove(root, node.id) })
    else if (key === 'Enter' || key === 'F2') {
      if (parent?.kind === 'object') act({ do: 'naming', id: node.id })
    } else return false
    return true
  }

  function walked(key: string, row: Row): boolean {
    const walks: Record<string, () => void> = {
      ArrowDown: () => walk(here + 1),
      ArrowUp: () => walk(here - 1),
      Home: () => walk(0),
      End: () => walk(rows.length - 1),
      ArrowRight: () => inward(row),
      ArrowLeft: () => outward(row),
    }
    walks[key]?.()
    return key in walks
  }

  function inward({ node }: Row) {
    if (node.children.length === 0) return
    if (state.closed.has(node.id)) act({ do: 'fold', id: node.id, open: true })
    else walk(here + 1)
  }

  function outward({ node, parent }: Row) {
    if (node.children.length > 0 && !state.closed.has(node.id)) {
      act({ do: 'fold', id: node.id, open: false })
    } else if (parent && parent.id !== root.id) act({ do: 'at', id: parent.id, focus: true })
  }

  return (
    <section aria-label={texts.tree.label}>
      <Group gap="xs" mb="xs" justify="space-between">
        <Group gap="xs">
          <Button
            leftSection={<IconPlus {...ICON} />}
            variant="default"
            onClick={() => act({ do: 'tree', edit: addChild(root, root.id), naming: true })}
          >
            {texts.tree.add}
          </Button>
          <Button variant="default" onClick={() => act({ do: 'at', id: root.id })}>
            {texts.tree.whole}
          </Button>
          <Button
            variant="subtle"
            disabled={state.history.past.length === 0}
            leftSection={<IconArrowBackUp {...ICON} />}
            onClick={() => act({ do: 'undo' })}
          >
            {texts.tree.undo}
          </Button>
          <Button
            variant="subtle"
            disabled={state.history.future.length === 0}
            leftSection={<IconArrowForwardUp {...ICON} />}
            onClick={() => act({ do: 'redo' })}
          >
            {texts.tree.redo}
          </Button>
        </Group>
        <Text size="xs" c="dimmed" visibleFrom="sm">
          {texts.tree.keys}
        </Text>
      </Group>
      {rows.length === 0 ? (
        <Text c="dimmed" py="md">
          {texts.tree.empty}
        </Text>
      ) : (
        <div
          ref={grid}
          role="treegrid"
          aria-label={texts.tree.label}
          tabIndex={-1}
          className={style.grid}
          onKeyDown={onKey}
        >
          {rows.map((row) => (
            <TreeRow
              key={row.node.id}
              row={row}
              at={row.node.id === state.at}
              first={chosen < 0 && row === rows[0]}
              naming={row.node.id === state.naming}
              closed={state.closed.has(row.node.id)}
              worst={worst.get(row.node.id)}
              act={act}
              root={root}
              dropped={(id, where) => act({ do: 'tree', edit: drop(root, id, row.node.id, where) })}
            />
          ))}
        </div>
      )}
    </section>
  )
}
