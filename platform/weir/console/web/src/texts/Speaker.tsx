/** Gives the page its language: the one chosen before, else the browser's, else English. */
import { useCallback, useEffect, useState, type ReactNode } from 'react'
import { en } from './en'
import { LANGUAGES, loadTexts, SpeechContext, type Language, type Speech } from './texts'

const KEPT = 'weir-language'

type Spoken = Omit<Speech, 'choose'>

function isLanguage(value: string | null | undefined): value is Language {
  return value != null && value in LANGUAGES
}

export function firstLanguage(): Language {
  const kept = localStorage.getItem(KEPT)
  if (isLanguage(kept)) return kept
  return navigator.languages.map((tag) => tag.split('-')[0]).find(isLanguage) ?? 'en'
}

export function Speaker({ children }: { children: ReactNode }) {
  const [wanted, setWanted] = useState(firstLanguage)
  // Until the first language is there nothing is drawn: a Korean page does not flash English.
  const [spoken, setSpoken] = useState<Spoken | null>(
    wanted === 'en' ? { language: 'en', texts: en } : null,
  )

  useEffect(() => {
    let current = true
    void loadTexts(wanted).then((texts) => {
      if (!current) return
      document.documentElement.lang = wanted
      setSpoken({ language: wanted, texts })
    })
    return () => {
      current = false
    }
  }, [wanted])

  const choose = useCallback((language: Language) => {
    localStorage.setItem(KEPT, language)
    setWanted(language)
  }, [])

  if (!spoken) return null
  return <SpeechContext value={{ ...spoken, choose }}>{children}</SpeechContext>
}
