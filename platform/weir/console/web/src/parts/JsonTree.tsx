/** A JSON value as it was sent, with what is wrong marked in it and told below. */
import { Button, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTexts } from '../texts/texts'
import { jsonLines, marksOf } from './jsonLines'
import style from './JsonTree.module.css'

export interface Violation {
  pointer: string
  rule: string
  expected: string
  found: string
  remedy: string
}

interface JsonTreeProps {
  value: unknown
  violations: readonly Violation[]
  label: string
}

const FEW = 200

export function JsonTree({ value, violations, label }: JsonTreeProps) {
  const { json } = useTexts().parts
  const [all, setAll] = useState(false)
  const lines = jsonLines(value, marksOf(violations))
  const shown = all ? lines : lines.slice(0, FEW)
  return (
    <Stack gap="xs">
      {/* A region that scrolls must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={style.frame} tabIndex={0} role="region" aria-label={label}>
        {shown.map(({ indent, text, marks, absent }, index) => (
          <span
            key={index}
            className={style.line}
            data-wrong={marks.length > 0 || undefined}
            style={{ paddingInlineStart: `${indent + 0.75}rem` }}
          >
            {absent ? json.absent(text) : text}
            {marks.map((number) => (
              <span key={number} className={style.number}>
                {number}
              </span>
            ))}
          </span>
        ))}
      </pre>
      {shown.length < lines.length && (
        <Button variant="default" onClick={() => setAll(true)} style={{ alignSelf: 'flex-start' }}>
          {json.all(lines.length)}
        </Button>
      )}
      <Violations violations={violations} />
    </Stack>
  )
}

/** What is wrong, numbered as the marks are, each with what to do. */
export function Violations({ violations }: { violations: readonly Violation[] }) {
  const { json } = useTexts().parts
  if (violations.length === 0) return null
  return (
    <ol className={style.violations} aria-label={json.violations}>
      {violations.map(({ pointer, rule, expected, found, remedy }, index) => (
        <li key={index}>
          <span className={style.number}>{index + 1}</span>
          <div>
            <Text>
              <code>{pointer || json.whole}</code> <b>{rule}</b>
            </Text>
            <Text size="sm" c="dimmed">
              {json.expected(expected, found)}
            </Text>
            <Text size="sm">{remedy}</Text>
          </div>
        </li>
      ))}
    </ol>
  )
}
