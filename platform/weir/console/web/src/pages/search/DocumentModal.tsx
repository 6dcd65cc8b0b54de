/** One event, all of it. */
import { Modal, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { document as ask, type Found, type Hit } from '../../api/search'
import { Asked } from '../../parts/Asked'
import { Code } from '../../parts/Code'
import { Facts } from '../../parts/Facts'
import { When } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'

interface DocumentModalProps {
  /** Landing day and receipt. */
  at: string
  found: Found
  close: () => void
}

export function DocumentModal({ at, found, close }: DocumentModalProps) {
  const { search: texts } = useTexts()
  const [day = '', ...rest] = at.split('/')
  const receipt = rest.join('/')
  const here = found.hits.find((hit) => hit.day === day && hit.receipt === receipt)
  const query = useQuery({ ...ask(day, receipt), enabled: !here, initialData: here })
  return (
    <Modal
      opened
      onClose={close}
      title={texts.document}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Escape' }}
    >
      <Asked query={query}>{(hit) => <Whole hit={hit} />}</Asked>
    </Modal>
  )
}

function Whole({ hit }: { hit: Hit }) {
  const { search: texts } = useTexts()
  const { number } = useFormats()
  return (
    <Stack gap="sm">
      <Facts
        facts={{
          [texts.event]: <code>{hit.event_name}</code>,
          [texts.time]: <When at={hit.event_time} />,
          [texts.landed]: <When at={hit.landing_hour} />,
          [texts.weight]: number(hit.weight),
        }}
      />
      <Code text={JSON.stringify(hit, null, 2)} label={texts.document} />
    </Stack>
  )
}
