/** Producers' write tokens: made and shown once, rotated, revoked. */
import { Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { revokeToken, rotateToken, tokens, type WriteToken } from '../../api/settings'
import { Asked } from '../../parts/Asked'
import { Empty } from '../../parts/Empty'
import { Failure } from '../../parts/Failure'
import { useMay } from '../../parts/may'
import { Once } from '../../parts/Once'
import { Status, type Tone } from '../../parts/Status'
import { Sure } from '../../parts/Sure'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { When } from '../../parts/When'
import { useTexts } from '../../texts/texts'
import { useActing } from './acting'
import { TokenForm } from './TokenForm'

type Acting = ReturnType<typeof useActing>
const TONES: Record<WriteToken['state'], Tone> = {
  active: 'good',
  expired: 'quiet',
  revoked: 'quiet',
}

export function Tokens() {
  const { settings } = useTexts()
  const admin = useMay('admin')
  return admin ? <Managed /> : <Text c="dimmed">{settings.adminOnly}</Text>
}

function Managed() {
  const texts = useTexts().settings.tokens
  const query = useQuery(tokens)
  const acting = useActing(tokens.queryKey)
  const [making, { open, close }] = useDisclosure()
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text c="dimmed" maw="48rem">
          {texts.lead} {query.data && !query.data.required && texts.off}
        </Text>
        {!making && <Button onClick={open}>{texts.make}</Button>}
      </Group>
      {making && <TokenForm acting={acting} close={close} />}
      {acting.error && <Failure error={acting.error} />}
      {acting.shown && <Once {...acting.shown} done={acting.hide} />}
      <Asked query={query}>
        {(answer) =>
          answer.tokens.length === 0 ? (
            <Empty
              title={texts.emptyTitle}
              text={texts.emptyText}
              command="weir tokens create shop-backend"
            />
          ) : (
            <Table all={answer.tokens} acting={acting} />
          )
        }
      </Asked>
    </Stack>
  )
}

function Table({ all, acting }: { all: WriteToken[]; acting: Acting }) {
  const { settings, parts } = useTexts()
  const texts = settings.tokens
  const limits = ({ events, rate, strict, tail, origins }: WriteToken) =>
    [
      events.join(', ') || texts.any,
      rate !== null && texts.perSecond(rate),
      strict && texts.strict,
      tail && texts.tail,
      origins.join(', '),
    ]
      .filter(Boolean)
      .join(' · ')
  const columns: Column<WriteToken>[] = [
    {
      key: 'producer',
      header: texts.producer,
      value: ({ producer }) => producer,
      cell: ({ producer, last4 }) => (
        <>
          <b>{producer}</b> <code>{texts.endsWith(last4)}</code>
        </>
      ),
    },
    {
      key: 'state',
      header: texts.state,
      value: ({ state }) => state,
      cell: ({ state }) => <Status tone={TONES[state]}>{texts.states[state]}</Status>,
    },
    { key: 'environment', header: texts.environment, value: ({ environment }) => environment },
    { key: 'channel', header: texts.channel, value: ({ channel }) => channel, minor: true },
    { key: 'limits', header: texts.limits, value: limits, minor: true },
    {
      key: 'created',
      header: texts.created,
      value: ({ created_at }) => created_at,
      cell: ({ created_at }) => <When at={created_at} ago />,
      short: true,
      minor: true,
    },
    {
      key: 'expires',
      header: texts.expires,
      value: ({ expires_at }) => expires_at,
      cell: ({ expires_at }) => (expires_at ? <When at={expires_at} /> : parts.when.never),
      short: true,
    },
    {
      key: 'actions',
      header: texts.actions,
      value: () => null,
      cell: (token) => token.state === 'active' && <Actions token={token} acting={acting} />,
    },
  ]
  return (
    <DataTable
      name="tokens"
      label={settings.tabs.tokens}
      rows={all}
      columns={columns}
      id={({ id }) => id}
      text={({ id, producer, environment, state }) => `${id} ${producer} ${environment} ${state}`}
      filterLabel={texts.filter}
    />
  )
}

function Actions({
  token: { id, producer, last4 },
  acting,
}: {
  token: WriteToken
  acting: Acting
}) {
  const texts = useTexts().settings.tokens
  const name = `${producer} ${texts.endsWith(last4)}`
  const rotate = async () => {
    const made = await rotateToken(id)
    return { title: texts.made(producer), text: made.text, hint: texts.hint }
  }
  const revoke = async () => {
    await revokeToken(id)
    return null
  }
  return (
    <Group gap="xs" wrap="nowrap">
      <Sure
        danger
        name={texts.rotateOf(name)}
        label={texts.rotate}
        title={texts.rotateTitle}
        text={texts.rotateText}
        yes={texts.rotate}
        act={() => acting.act(rotate)}
      />
      <Sure
        danger
        name={texts.revokeOf(name)}
        label={texts.revoke}
        title={texts.revokeTitle}
        text={texts.revokeText}
        yes={texts.revoke}
        act={() => acting.act(revoke)}
      />
    </Group>
  )
}
