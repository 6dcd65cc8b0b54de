/** What the editor marks: the places of violations, found in the text when a verdict comes. */
import { useEffect, useState } from 'react'
import type { Verdict } from '../../api/tester'
import type { Mark } from '../../parts/editor/JsonEditor'

/** Marks of a verdict on this text; those of before while the next one is on its way. */
export function useMarks(text: string, verdict: Verdict | undefined): Mark[] | null {
  const [marks, setMarks] = useState<Mark[] | null>(null)
  useEffect(() => {
    if (!verdict) return
    let stale = false
    // The parser is the editor's: it is loaded with it.
    void import('../../parts/editor/places').then(({ offsetOf, placeOf }) => {
      if (stale) return
      const severity = verdict.verdict === 'flagged' ? 'warning' : 'error'
      const found: Mark[] = verdict.violations.map(({ pointer, rule, remedy }) => ({
        ...placeOf(text, pointer),
        message: `${rule}: ${remedy}`,
        severity,
      }))
      const { refusal } = verdict
      if (refusal?.line) {
        const from = offsetOf(text, refusal.line, refusal.column ?? 1)
        found.push({ from, to: from + 1, message: refusal.message, severity: 'error' })
      }
      setMarks(found)
    })
    return () => {
      stale = true
    }
  }, [text, verdict])
  return marks
}
