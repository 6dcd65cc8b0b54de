/** The newest of some quarantined events, each as it was sent. */
import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { rows, type Chosen } from '../../api/quarantine'
import { Asked } from '../../parts/Asked'
import { Empty } from '../../parts/Empty'
import { useTexts } from '../../texts/texts'
import { Sample } from './Sample'

const FIRST = 5
const MOST = 100

export function Samples({ chosen }: { chosen: Chosen }) {
  const texts = useTexts().quarantine
  const [most, setMost] = useState(FIRST)
  const query = useQuery(rows({ ...chosen, state: chosen.state ?? 'all' }, most))
  return (
    <section aria-labelledby="samples">
      <Group align="baseline" gap="sm" mb="xs">
        <Title order={2} id="samples">
          {texts.group.samples}
        </Title>
        {query.data && (
          <Text size="sm" c="dimmed">
            {texts.group.newest(query.data.rows.length)}
          </Text>
        )}
      </Group>
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
