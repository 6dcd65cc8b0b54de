/** One entry with all that is known of it, over the list; its number is in the address. */
import { Modal, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { session } from '../../api/queries'
import { auditEntry, type WholeEntry } from '../../api/recovery'
import { useAddress } from '../../parts/address'
import { Asked } from '../../parts/Asked'
import { Code } from '../../parts/Code'
import { Facts } from '../../parts/Facts'
import { Status } from '../../parts/Status'
import { When } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { RESULT_TONES } from './Entries'

export function EntryWindow() {
  const texts = useTexts().audit
  const [entry, setEntry] = useAddress('entry')
  const number = Number(entry) || 0
  return (
    <Modal
      size="xl"
      opened={number > 0}
      onClose={() => setEntry('')}
      title={texts.entry(number)}
      closeButtonProps={{ 'aria-label': texts.close }}
    >
      {number > 0 && <Entry number={number} />}
    </Modal>
  )
}

function Entry({ number }: { number: number }) {
  const query = useQuery(auditEntry(number))
  return <Asked query={query}>{(entry) => <Whole entry={entry} />}</Asked>
}

function Whole({ entry }: { entry: WholeEntry }) {
  const texts = useTexts().audit
  const { fields } = texts
  const { seconds } = useFormats()
  const dagster = useQuery(session).data?.dagster
  const run = dagster ? <a href={`${dagster}runs/${entry.run}`}>{entry.run}</a> : entry.run
  return (
    <Stack gap="sm">
      <Facts
        facts={{
          [texts.action]: <code>{entry.action}</code>,
          [texts.result]: (
            <Status tone={RESULT_TONES[entry.result]}>{texts.results[entry.result]}</Status>
          ),
          [texts.at]: <When at={entry.at} />,
          [texts.took]: entry.seconds === null ? '–' : seconds(entry.seconds),
          [texts.who]: `${entry.kind} ${entry.name}`,
          [fields.authenticated]: entry.authenticated,
          [fields.meaning]: entry.meaning,
          ...(entry.message && { [fields.message]: entry.message }),
          ...(entry.run && { [fields.run]: run }),
          [fields.request]: <code>{entry.request.slice(0, 12)}</code>,
          [fields.host]: entry.host,
          [fields.pid]: String(entry.pid),
        }}
      />
      <Code text={JSON.stringify(entry.arguments, null, 2)} label={fields.arguments} />
      {Object.keys(entry.did).length > 0 && (
        <Code text={JSON.stringify(entry.did, null, 2)} label={fields.did} />
      )}
      <Code command text={entry.hash} label={fields.hash} />
    </Stack>
  )
}
