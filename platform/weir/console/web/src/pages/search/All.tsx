/** Every event of a time, instead of the sample: bounded, with its progress, and to be stopped. */
import { Button, Group, Progress as ProgressBar, Stack, Text } from '@mantine/core'
import { useCallback, useEffect, useRef, useState } from 'react'
import { searchAll, type Found, type Progress, type Wanted } from '../../api/search'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import sheet from '../../parts/Sheet.module.css'
import style from './Search.module.css'

export interface SearchAll {
  found?: Found
  error?: Error
  progress?: Progress
  /** Searches the time that is chosen, or that the bars span. */
  start: (from?: string, to?: string) => void
  stop: () => void
  leave: () => void
}

type State = Pick<SearchAll, 'found' | 'error' | 'progress'>

export function useSearchAll(wanted: Wanted): SearchAll {
  const [state, setState] = useState<State>({})
  const running = useRef<AbortController>(null)
  const key = JSON.stringify(wanted)
  const leave = useCallback(() => {
    running.current?.abort()
    running.current = null
    setState({})
  }, [])
  useEffect(() => leave, [key, leave])
  const start = useCallback(
    (from?: string, to?: string) => {
      leave()
      const control = new AbortController()
      running.current = control
      setState({ progress: { read: 0, of: 0 } })
      const asked = { ...wanted, from: wanted.from ?? from, to: wanted.to ?? to } as Wanted
      searchAll(asked, control.signal, (progress) => setState({ progress })).then(
        (found) => setState({ found }),
        (error: unknown) => {
          if (!control.signal.aborted) setState({ error: error as Error })
        },
      )
    },
    [wanted, leave],
  )
  return { ...state, start, stop: leave, leave }
}

const DAY = 86_400_000

export function AllBanner({ found, all }: { found: Found; all: SearchAll }) {
  const texts = useTexts().search
  const { number, seconds } = useFormats()
  if (!found.sampled) return null
  if (all.progress) return <Running progress={all.progress} stop={all.stop} />
  const { days, rows, seconds: most } = found.limits
  const [from, to] = span(found)
  const fits = from && to && new Date(to).getTime() - new Date(from).getTime() <= days * DAY
  return (
    <Group gap="xs" align="center">
      <Button variant="default" disabled={!fits} onClick={() => all.start(from, to)}>
        {texts.all}
      </Button>
      <Text size="sm" c="dimmed">
        {fits ? texts.allText(days, number(rows), seconds(most)) : texts.allNeedsTime(days)}
      </Text>
    </Group>
  )
}

/** The time that the bars span: what is searched where none was chosen. */
function span(found: Found): [string?, string?] {
  const [first, last] = [found.bars[0], found.bars.at(-1)]
  if (!first || !last) return []
  const end = new Date(new Date(last.start).getTime() + found.bar_seconds * 1000)
  return [first.start, end.toISOString()]
}

function Running({ progress, stop }: { progress: Progress; stop: () => void }) {
  const texts = useTexts().search
  const { number } = useFormats()
  const { read, of } = progress
  return (
    <div className={`${sheet.sheet} ${style.panel}`}>
      <Stack gap="xs">
        <Group justify="space-between">
          <Text role="status">
            {texts.running}: {of ? texts.read(number(read), number(of)) : texts.starting}
          </Text>
          <Button variant="default" onClick={stop}>
            {texts.stop}
          </Button>
        </Group>
        <ProgressBar value={of ? (100 * read) / of : 0} aria-label={texts.running} />
      </Stack>
    </div>
  )
}
