/** The builder's words. They come with its page, so that the first load stays small. */
import { builder as en } from '../../texts/en/builder'
import { builder as ko } from '../../texts/ko/builder'
import { useSpeech, type Language, type Like } from '../../texts/texts'

export type BuilderTexts = Like<typeof en>

export const WORDS: Record<Language, BuilderTexts> = { en, ko }

export function useBuilderTexts(): BuilderTexts {
  return WORDS[useSpeech().language]
}
