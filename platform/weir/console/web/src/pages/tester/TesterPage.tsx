/** The live tester: an event and its verdict on one side, what arrives on the other. */
import { Grid, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { rows } from '../../api/quarantine'
import { event as askEvent } from '../../api/queries'
import { standing } from '../../api/tester'
import { useAddress } from '../../parts/address'
import { Code } from '../../parts/Code'
import { Page } from '../../parts/Page'
import { Status } from '../../parts/Status'
import { useTexts } from '../../texts/texts'
import { Editor } from './Editor'
import { again, around, useDraft } from './draft'
import { Tail } from './Tail'

export function TesterPage() {
  const texts = useTexts().tester
  const { data } = useQuery(standing)
  const [draft, setDraft] = useDraft()
  const editor = useRef<HTMLDivElement>(null)
  usePrefilled(setDraft)
  return (
    <Page title={texts.title} lead={texts.lead}>
      {data?.collector === null && (
        <div>
          <Status tone="bad">{texts.offTitle}</Status>
          <Text c="dimmed" mb={4}>
            {texts.offText}
          </Text>
          <Code command text="weir up" label={texts.offText} />
        </div>
      )}
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, lg: 6 }} ref={editor}>
          <Editor draft={draft} setDraft={setDraft} standing={data} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 6 }}>
          <Tail
            edit={(sent) => {
              setDraft(again(sent))
              editor.current?.scrollIntoView({ block: 'start' })
            }}
          />
        </Grid.Col>
      </Grid>
    </Page>
  )
}

/** Fills the editor from the address: an event's example, or a quarantined event. */
function usePrefilled(fill: (text: string) => void) {
  const [name, setName] = useAddress('event')
  const [receipt, setReceipt] = useAddress('receipt')
  const example = useQuery({ ...askEvent(name), enabled: name !== '' })
  const kept = useQuery({ ...rows({ receipt }, 1), enabled: receipt !== '' })
  const filled = useRef('')

  useEffect(() => {
    const found = example.data
    if (found?.name !== name || filled.current === name) return
    filled.current = name
    fill(around(found.name, found.version, found.example ?? {}))
    setName('')
  }, [example.data, name, fill, setName])

  useEffect(() => {
    const found = kept.data?.rows[0]
    if (found?.receipt !== receipt || filled.current === receipt) return
    filled.current = receipt
    fill(again(found.sent))
    setReceipt('')
  }, [kept.data, receipt, fill, setReceipt])

  useEffect(() => {
    if (!name && !receipt) filled.current = ''
  }, [name, receipt])
}
