/** The language of the console. */
import { IconLanguage } from '@tabler/icons-react'
import { ICON } from '../parts/icons'
import { LANGUAGES, useSpeech } from '../texts/texts'
import { Choice } from './Choice'

export function LanguageMenu() {
  const { language, texts, choose } = useSpeech()
  return (
    <Choice
      label={texts.shell.language}
      icon={<IconLanguage {...ICON} />}
      chosen={language}
      values={LANGUAGES}
      choose={choose}
    />
  )
}
