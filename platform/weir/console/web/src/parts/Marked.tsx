/** A text with the words that were searched for marked in it. */
import { Fragment } from 'react'

/** The text cut so that every second piece is a hit, also across case. */
export function pieces(text: string, words: string): string[] {
  const wanted = words.split(/\s+/).filter(Boolean)
  if (wanted.length === 0) return [text]
  const plain = wanted.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return text.split(new RegExp(`(${plain.join('|')})`, 'giu'))
}

export function Marked({ text, words }: { text: string; words: string }) {
  return pieces(text, words).map((piece, index) =>
    index % 2 === 1 ? <mark key={index}>{piece}</mark> : <Fragment key={index}>{piece}</Fragment>,
  )
}
