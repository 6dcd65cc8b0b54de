/** A replay while it runs, and what came of it. */
import { Alert, Progress as Bar, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { replay, type Replay } from '../../api/quarantine'
import { Code } from '../../parts/Code'
import { Status } from '../../parts/Status'
import { useTexts } from '../../texts/texts'
import { Staying } from './Staying'

export function Progress({ begun }: { begun: Replay }) {
  const cache = useQueryClient()
  const { data } = useQuery({ ...replay(begun.id), initialData: begun })
  useEffect(() => {
    if (data.state === 'running') return
    for (const kind of ['groups', 'rows', 'replays']) {
      void cache.invalidateQueries({ queryKey: ['quarantine', kind] })
    }
    void cache.invalidateQueries({ queryKey: ['home'] })
  }, [cache, data.state])
  return data.state === 'running' ? <Running replay={data} /> : <Ended replay={data} />
}

function Running({ replay: { report, total } }: { replay: Replay }) {
  const { fix } = useTexts().quarantine
  const done = report?.looked_at ?? 0
  const told = fix.running(done, total)
  return (
    <Stack gap={4} role="status">
      <Bar value={total ? (100 * done) / total : 100} aria-label={told} animated />
      <Text size="sm">{told}</Text>
    </Stack>
  )
}

function Ended({ replay: { report, error } }: { replay: Replay }) {
  const { fix } = useTexts().quarantine
  if (!report || error) {
    return (
      <Alert role="alert" variant="outline" color="red" title={fix.failed}>
        {error}
      </Alert>
    )
  }
  return (
    <Stack gap="xs" role="status">
      <Status tone="good">{fix.done(report.replayed)}</Status>
      {report.landed.length > 0 && (
        <>
          <Text>{fix.landed(report.landed.join(', '))}</Text>
          <Code command text="weir run" label={fix.landed('')} />
        </>
      )}
      {report.already > 0 && <Text size="sm">{fix.already(report.already)}</Text>}
      <Staying report={report} title={fix.staying(report.looked_at - report.valid)} />
    </Stack>
  )
}
