/** The parameters of an event as a tree that opens and closes. */
import { Button, Group, Text } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useState } from 'react'
import type { Node } from '../../api/types'
import { ICON } from '../../parts/icons'
import { Scroller } from '../../parts/Scroller'
import { useTexts, worded } from '../../texts/texts'
import style from './Parameters.module.css'
import { branches, limits, treeRows, type TreeRow } from './tree'

export function Parameters({ nodes }: { nodes: Node[] }) {
  const { tree } = useTexts().events
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const all = branches(nodes)
  if (nodes.length === 0) return <Text c="dimmed">{tree.empty}</Text>
  const toggle = (path: string) =>
    setClosed((now) =>
      now.has(path) ? new Set([...now].filter((other) => other !== path)) : new Set([...now, path]),
    )
  return (
    <>
      {all.length > 0 && (
        <Group gap="xs" mb="xs">
          <Button variant="default" onClick={() => setClosed(new Set())}>
            {tree.openAll}
          </Button>
          <Button variant="default" onClick={() => setClosed(new Set(all))}>
            {tree.closeAll}
          </Button>
        </Group>
      )}
      <Scroller label={tree.label}>
        <table className={style.tree} aria-label={tree.label}>
          <thead>
            <tr>
              <th scope="col">{tree.name}</th>
              <th scope="col">{tree.type}</th>
              <th scope="col">{tree.description}</th>
              <th scope="col">{tree.constraints}</th>
            </tr>
          </thead>
          <tbody>
            {treeRows(nodes, closed).map((row) => (
              <Parameter
                key={row.path}
                row={row}
                closed={closed.has(row.path)}
                toggle={() => toggle(row.path)}
              />
            ))}
          </tbody>
        </table>
      </Scroller>
    </>
  )
}

interface ParameterProps {
  row: TreeRow
  closed: boolean
  toggle: () => void
}

function Parameter({ row: { node, path, depth }, closed, toggle }: ParameterProps) {
  const { tree } = useTexts().events
  const Chevron = closed ? IconChevronRight : IconChevronDown
  return (
    <tr>
      <th scope="row" style={{ '--depth': depth }} className={style.name} title={path}>
        {node.children.length > 0 ? (
          <button
            type="button"
            className={style.toggle}
            aria-expanded={!closed}
            aria-label={closed ? tree.open(path) : tree.close(path)}
            onClick={toggle}
          >
            <Chevron {...ICON} size={14} />
          </button>
        ) : (
          <span className={style.leaf} />
        )}
        <code>{node.name}</code>
      </th>
      <td>
        {node.type ?? worded(tree.kinds, node.kind)}
        {node.required && <span className={style.required}> {tree.required}</span>}
        {node.nullable && <span className={style.quiet}> {tree.nullable}</span>}
      </td>
      <td>
        {node.description}
        {node.pii && <span className={style.pii}> {tree.pii(node.pii)}</span>}
      </td>
      <td className={style.quiet}>{limits(node)}</td>
    </tr>
  )
}
