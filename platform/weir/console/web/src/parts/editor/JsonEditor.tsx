/** An editor of JSON with what is wrong marked in it. Heavy: pages load it when they need it. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { EditorView, keymap, lineNumbers } from '@codemirror/view'
import { useEffect, useEffectEvent, useRef } from 'react'
import { tags } from '@lezer/highlight'
import style from './JsonEditor.module.css'

export interface Mark {
  from: number
  to: number
  message: string
  severity: 'error' | 'warning'
}

export interface JsonEditorProps {
  text: string
  change: (text: string) => void
  marks: readonly Mark[]
  label: string
}

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--mantine-color-anchor)' },
  { tag: tags.string, color: 'var(--weir-good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--weir-warn)' },
])

const look = EditorView.theme({
  '&': { backgroundColor: 'var(--weir-surface)', color: 'var(--mantine-color-text)' },
  '.cm-content': {
    fontFamily: 'var(--mantine-font-family-monospace)',
    fontSize: '0.8125rem',
    caretColor: 'var(--mantine-color-text)',
  },
  '.cm-gutters': {
    backgroundColor: 'var(--weir-surface)',
    color: 'var(--mantine-color-dimmed)',
    fontFamily: 'var(--mantine-font-family-monospace)',
    fontSize: '0.8125rem',
    border: 'none',
  },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection': {
    backgroundColor: 'var(--weir-stream) !important',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--weir-surface)',
    color: 'var(--mantine-color-text)',
    border: '1px solid var(--weir-line)',
  },
})

export default function JsonEditor({ text, change, marks, label }: JsonEditorProps) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const changed = useEffectEvent(change)
  const first = useRef({ text, label })

  useEffect(() => {
    if (!host.current) return
    const { text: doc, label: name } = first.current
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc,
        extensions: [
          lineNumbers(),
          history(),
          json(),
          bracketMatching(),
          syntaxHighlighting(colours),
          lintGutter(),
          look,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': name }),
          // No Tab: the keyboard must find its way out.
          keymap.of([...defaultKeymap, ...historyKeymap]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString())
          }),
        ],
      }),
    })
    view.current = made
    return () => made.destroy()
  }, [])

  useEffect(() => {
    const now = view.current
    if (!now || now.state.doc.toString() === text) return
    now.dispatch({ changes: { from: 0, to: now.state.doc.length, insert: text } })
  }, [text])

  useEffect(() => {
    const now = view.current
    if (!now) return
    const most = now.state.doc.length
    const diagnostics: Diagnostic[] = marks.map((mark) => ({
      ...mark,
      from: Math.min(mark.from, most),
      to: Math.min(mark.to, most),
    }))
    now.dispatch(setDiagnostics(now.state, diagnostics))
  }, [marks])

  return <div ref={host} className={style.frame} />
}
