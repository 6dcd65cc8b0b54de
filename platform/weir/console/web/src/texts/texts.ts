/**
 * Every word that the console shows, by language. English is the catalogue that the others are
 * checked against: a missing or a surplus key does not compile.
 */
import { createContext, use } from 'react'
import { en } from './en'

/** What another language has to say: the same keys, with texts of its own. */
export type Like<Catalogue> = {
  [Key in keyof Catalogue]: Catalogue[Key] extends (...values: infer Values) => string
    ? (...values: Values) => string
    : Catalogue[Key] extends string
      ? string
      : Like<Catalogue[Key]>
}

export type Texts = Like<typeof en>

export const LANGUAGES = { en: 'English', ko: '한국어' } as const
export type Language = keyof typeof LANGUAGES

/** English is at hand; another language is fetched when it is chosen. */
export async function loadTexts(language: Language): Promise<Texts> {
  return language === 'ko' ? (await import('./ko')).ko : en
}

/** A word that the API may have and the catalogue not yet: shown as it came. */
export function worded(words: Partial<Record<string, string>>, key: string): string {
  return words[key] ?? key
}

export interface Speech {
  language: Language
  texts: Texts
  choose: (language: Language) => void
}

export const SpeechContext = createContext<Speech>({
  language: 'en',
  texts: en,
  choose: () => undefined,
})

export function useSpeech(): Speech {
  return use(SpeechContext)
}

export function useTexts(): Texts {
  return use(SpeechContext).texts
}
