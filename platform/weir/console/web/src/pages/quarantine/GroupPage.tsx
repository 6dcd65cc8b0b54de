/** Events that are wrong in the same way: samples with the wrong place marked, and the way back. */
import { useQuery } from '@tanstack/react-query'
import { groups } from '../../api/quarantine'
import { Facts } from '../../parts/Facts'
import { LinkButton } from '../../parts/LinkButton'
import { Page } from '../../parts/Page'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { NONE, useChosen } from './chosen'
import { Fix } from './Fix'
import { Samples } from './Samples'

export function GroupPage() {
  const { quarantine: texts, shell } = useTexts()
  const { number } = useFormats()
  const chosen = useChosen()
  const totals = useQuery(groups({ ...chosen, state: 'all' }))
  const { facts } = texts.group
  const named = chosen.event && chosen.event !== NONE ? chosen.event : null
  return (
    <Page
      title={texts.group.title}
      trail={[{ label: shell.pages.quarantine, to: '/quarantine' }]}
      actions={
        named && (
          <LinkButton variant="default" to="/events/$name" params={{ name: named }}>
            {texts.group.openEvent}
          </LinkButton>
        )
      }
    >
      <Facts
        facts={{
          [facts.event]: named ? (
            <code>{named}</code>
          ) : chosen.event ? (
            texts.noName
          ) : (
            texts.filters.any
          ),
          [facts.rule]: <code>{chosen.rule ?? texts.filters.any}</code>,
          [facts.place]: chosen.pointer ? <code>{chosen.pointer}</code> : texts.wholeEvent,
          ...(totals.data && {
            [facts.waiting]: number(totals.data.rows - totals.data.replayed),
            [facts.replayed]: number(totals.data.replayed),
          }),
        }}
      />
      <Fix chosen={chosen} event={named} />
      <Samples chosen={chosen} />
    </Page>
  )
}
