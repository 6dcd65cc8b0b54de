/**
 * The keys of the console. A key alone does nothing while somebody types into a field; Ctrl-K
 * always works. `Keys.tsx` shows this list to people.
 */
import { useRouter } from '@tanstack/react-router'
import { useEffect, useEffectEvent, useRef } from 'react'
import { PAGES } from './pages'

const JUMP_MS = 1200

interface Actions {
  find: () => void
  help: () => void
}

export function useKeys({ find, help }: Actions): void {
  const router = useRouter()
  const jumpUntil = useRef(0)

  const simple: Record<string, () => void> = {
    '/': focusFilter,
    '?': help,
    g: () => {
      jumpUntil.current = Date.now() + JUMP_MS
    },
    j: () => moveRow(1),
    k: () => moveRow(-1),
    ArrowDown: () => moveRow(1),
    ArrowUp: () => moveRow(-1),
  }

  function meant(key: string): (() => void) | undefined {
    const jumping = Date.now() < jumpUntil.current
    jumpUntil.current = 0
    const page = jumping ? PAGES.find(({ jump }) => jump === key) : undefined
    return page ? () => void router.navigate({ to: page.to }) : simple[key]
  }

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const action = isFind(event) ? find : ignored(event) ? undefined : meant(event.key)
    if (!action) return
    event.preventDefault()
    action()
  })

  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event)
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
}

/** Fields, and whatever has keys of its own: menus, dialogs, lists of choices. */
const OWN_KEYS =
  'input, textarea, select, [contenteditable], [role=menu], [role=dialog], [role=tab]'

function isFind({ key, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return key === 'k' && (ctrlKey || metaKey)
}

function ignored({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || isTyping(target)) return true
  // Arrows move from row to row; outside a table they scroll as ever.
  return key.startsWith('Arrow') && !rowOf(document.activeElement)
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(OWN_KEYS) !== null
}

function focusFilter(): void {
  document.querySelector<HTMLInputElement>('[data-filter]')?.focus()
}

function rowOf(element: Element | null): Element | null {
  return element?.closest('main tbody tr') ?? null
}

/** The row's own link, which Enter opens. */
function linkIn(row: Element | null | undefined): HTMLElement | null {
  return row?.querySelector<HTMLElement>('a[href], button') ?? null
}

function moveRow(step: 1 | -1): void {
  const now = rowOf(document.activeElement)
  let row = now ? neighbour(now, step) : document.querySelector('main tbody tr')
  while (row && !linkIn(row)) row = neighbour(row, step)
  linkIn(row)?.focus()
}

function neighbour(row: Element, step: 1 | -1): Element | null {
  return step === 1 ? row.nextElementSibling : row.previousElementSibling
}
