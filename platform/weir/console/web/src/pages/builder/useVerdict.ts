/** Asks the server what is to say of what is there now: after a pause, the last answer wins. */
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { Lost } from '../../api/errors'
import { verdict, type Judged, type Wanted } from './api'

const PAUSE_MS = 180

export interface Verdict {
  judged: Judged | undefined
  /** Whether it is of what is there now. */
  current: boolean
  /** Why there is none, unless the server is away. */
  failure: string
}

export function useVerdict(wanted: Wanted | null): Verdict {
  const text = wanted ? JSON.stringify(wanted) : ''
  const [asked] = useDebouncedValue(text, PAUSE_MS)
  const { data, isPlaceholderData, error } = useQuery(verdict(asked))
  return {
    judged: data,
    current: text !== '' && text === asked && data !== undefined && !isPlaceholderData,
    failure: error && !(error instanceof Lost) ? error.message : '',
  }
}
