/** The SQL editor: CodeMirror with the lake's tables and columns; what is wrong is marked in it. */
import { acceptCompletion, autocompletion, closeBrackets } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { PostgreSQL, sql } from '@codemirror/lang-sql'
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { setDiagnostics } from '@codemirror/lint'
import { Compartment, EditorState, Prec } from '@codemirror/state'
import { EditorView, keymap, lineNumbers, placeholder } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useEffect, useImperativeHandle, useRef, type Ref } from 'react'
import type { Catalogue } from '../../api/playground'

export interface Mark {
  line: number
  column: number
  text: string
}

export interface EditorHandle {
  /** Replaces all of the text. */
  set: (text: string) => void
  /** Writes at the cursor. */
  insert: (text: string) => void
}

interface EditorProps {
  label: string
  hint: string
  /** What it begins with. */
  text: string
  change: (text: string) => void
  run: () => void
  catalogue?: Catalogue
  mark?: Mark
  ref?: Ref<EditorHandle>
}

const look = EditorView.theme({
  '&': {
    border: '1px solid var(--weir-line)',
    borderRadius: 'var(--mantine-radius-sm)',
    background: 'var(--weir-surface)',
    fontSize: '0.875rem',
  },
  '&.cm-focused': { outline: '2px solid var(--mantine-color-anchor)' },
  '.cm-scroller': {
    fontFamily: 'var(--mantine-font-family-monospace)',
    minHeight: '11rem',
    maxHeight: '45vh',
  },
  '.cm-content': { caretColor: 'var(--mantine-color-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '.cm-gutters': {
    background: 'transparent',
    border: 'none',
    color: 'var(--mantine-color-dimmed)',
  },
  '.cm-placeholder': { color: 'var(--mantine-color-placeholder)' },
  '.cm-tooltip': {
    background: 'var(--weir-surface)',
    border: '1px solid var(--weir-line)',
    color: 'var(--mantine-color-text)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    background: 'var(--mantine-primary-color-filled)',
    color: 'var(--mantine-primary-color-contrast)',
  },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground':
    { background: 'var(--weir-stream)' },
})

const colors = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--mantine-color-anchor)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--weir-good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--weir-warn)' },
  { tag: [tags.lineComment, tags.blockComment], color: 'var(--mantine-color-dimmed)' },
])

/** The tables as the completion wants them: schema → table → columns. */
function names(catalogue?: Catalogue) {
  const found: Record<string, Record<string, string[]>> = {}
  for (const { schema_name, name, columns } of catalogue?.tables ?? []) {
    ;(found[schema_name] ??= {})[name] = columns.map((column) => column.name)
  }
  return found
}

const language = (catalogue?: Catalogue) => sql({ dialect: PostgreSQL, schema: names(catalogue) })

export function Editor(props: EditorProps) {
  const { label, hint, catalogue, mark, ref } = props
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const latest = useRef(props)
  const spoken = useRef(new Compartment())
  useEffect(() => {
    latest.current = props
  })

  useEffect(() => {
    if (!place.current) return
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: latest.current.text,
        extensions: [
          Prec.highest(keymap.of([{ key: 'Mod-Enter', run: () => (latest.current.run(), true) }])),
          lineNumbers(),
          history(),
          bracketMatching(),
          closeBrackets(),
          autocompletion(),
          keymap.of([{ key: 'Tab', run: acceptCompletion }, ...defaultKeymap, ...historyKeymap]),
          spoken.current.of(language(latest.current.catalogue)),
          syntaxHighlighting(colors),
          placeholder(hint),
          look,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.change(update.state.doc.toString())
          }),
        ],
      }),
    })
    view.current = made
    return () => made.destroy()
  }, [label, hint])

  useEffect(() => {
    const made = view.current
    made?.dispatch({ effects: spoken.current.reconfigure(language(catalogue)) })
  }, [catalogue])

  useEffect(() => {
    const made = view.current
    if (made) made.dispatch(setDiagnostics(made.state, marked(made.state, mark)))
  }, [mark])

  useImperativeHandle(ref, () => ({
    set: (wanted) => {
      const made = view.current
      made?.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: wanted } })
      made?.focus()
    },
    insert: (wanted) => {
      const made = view.current
      made?.dispatch(made.state.replaceSelection(wanted))
      made?.focus()
    },
  }))

  return <div ref={place} />
}

/** The word at a place, as what is wrong. */
function marked(state: EditorState, mark?: Mark) {
  if (!mark || mark.line > state.doc.lines) return []
  const line = state.doc.line(mark.line)
  const from = Math.min(line.from + mark.column - 1, line.to)
  const word = state.wordAt(from)
  return [
    {
      from,
      to: Math.max(word?.to ?? from + 1, from),
      severity: 'error' as const,
      message: mark.text,
    },
  ].map((one) => ({ ...one, to: Math.min(one.to, state.doc.length) }))
}
