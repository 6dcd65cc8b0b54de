/** Code or a command, with a button that copies it. */
import { ActionIcon, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useTexts } from '../texts/texts'
import { useCopy } from './copy'
import { ICON } from './icons'
import style from './Code.module.css'

interface CodeProps {
  text: string
  /** Named for a screen reader, since a scrolling region needs a name. */
  label: string
  /** A command stands on one line and is as wide as it needs. */
  command?: boolean
}

export function Code({ text, label, command = false }: CodeProps) {
  const { parts } = useTexts()
  const { copied, copy } = useCopy()
  const name = copied ? parts.copied : parts.copy
  return (
    <div className={style.frame} data-command={command || undefined}>
      {/* A region that scrolls must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={style.text} tabIndex={0} aria-label={label} role="region">
        <code>{text}</code>
      </pre>
      <Tooltip label={name}>
        <ActionIcon
          className={style.copy}
          variant="subtle"
          color="gray"
          aria-label={name}
          onClick={() => copy(text)}
        >
          {copied ? <IconCheck {...ICON} /> : <IconCopy {...ICON} />}
        </ActionIcon>
      </Tooltip>
    </div>
  )
}
