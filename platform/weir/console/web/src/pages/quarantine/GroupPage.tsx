/** Events that are wrong in the same way: samples with the wrong place marked, and the way back. */
import { Button, Group as Row_, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { groups, rows, type Chosen } from '../../api/quarantine'
import { Asked } from '../../parts/Asked'
import { Empty } from '../../parts/Empty'
import { Facts } from '../../parts/Facts'
import { LinkButton } from '../../parts/LinkButton'
import { Page } from '../../parts/Page'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import { NONE, useChosen } from './chosen'
import { Fix } from './Fix'
import { Sample } from './Sample'

const FIRST = 5
const MOST = 100

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

function Samples({ chosen }: { chosen: Chosen }) {
  const texts = useTexts().quarantine
  const [most, setMost] = useState(FIRST)
  const query = useQuery(rows({ ...chosen, state: chosen.state ?? 'all' }, most))
  return (
    <section aria-labelledby="samples">
      <Row_ align="baseline" gap="sm" mb="xs">
        <Title order={2} id="samples">
          {texts.group.samples}
        </Title>
        {query.data && (
          <Text size="sm" c="dimmed">
            {texts.group.newest(query.data.rows.length)}
          </Text>
        )}
      </Row_>
      <Asked query={query}>
        {(answer) =>
          answer.rows.length === 0 ? (
            <Empty title={texts.filteredTitle} text={texts.group.nothing} />
          ) : (
            <Stack gap="md">
              {answer.rows.map((row) => (
                <Sample key={row.receipt} row={row} />
              ))}
              {answer.rows.length === most && most < MOST && (
                <Button
                  variant="default"
                  onClick={() => setMost(Math.min(most * 4, MOST))}
                  style={{ alignSelf: 'flex-start' }}
                >
                  {texts.group.more}
                </Button>
              )}
            </Stack>
          )
        }
      </Asked>
    </section>
  )
}
