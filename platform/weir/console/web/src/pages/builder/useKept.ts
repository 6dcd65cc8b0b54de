/** Keeps what is edited in the browser, until it is saved or undone. */
import { useEffect, useEffectEvent } from 'react'
import { draftFrom, type Doc, type Origin } from './document'
import { draftKey, dropDraft, keepDraft } from './tree/drafts'

const PAUSE_MS = 250

export function useKept(doc: Doc, origin: Origin, edited: boolean): void {
  const keep = useEffectEvent(() => {
    const key = draftKey(origin.name, origin.branch)
    if (edited) keepDraft(key, draftFrom(doc, origin))
    else dropDraft(key)
  })
  useEffect(() => {
    const timer = setTimeout(() => keep(), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [doc, edited])
  useEffect(() => {
    const leave = () => keep()
    window.addEventListener('pagehide', leave)
    return () => window.removeEventListener('pagehide', leave)
  }, [])
}
