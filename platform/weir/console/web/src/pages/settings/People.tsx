/** Who may sign in, as what, and with which tokens. */
import { Button, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import {
  addPerson,
  endPersonToken,
  makeLink,
  makePersonToken,
  people,
  removePerson,
  setRole,
  type Somebody,
} from '../../api/settings'
import type { Role } from '../../api/types'
import { Asked } from '../../parts/Asked'
import { Failure } from '../../parts/Failure'
import { useMay } from '../../parts/may'
import { Once } from '../../parts/Once'
import { Sure } from '../../parts/Sure'
import type { Column } from '../../parts/table/columns'
import { DataTable } from '../../parts/table/DataTable'
import { useTexts } from '../../texts/texts'
import { useActing } from './acting'
import { HeldTokens } from './HeldTokens'

const ROLES: readonly Role[] = ['viewer', 'editor', 'operator', 'admin']
type Acting = ReturnType<typeof useActing>

export function People() {
  const { settings: texts } = useTexts()
  const admin = useMay('admin')
  const query = useQuery(people)
  const acting = useActing(people.queryKey)
  return (
    <Stack gap="md">
      {admin ? <Add acting={acting} /> : <Text c="dimmed">{texts.adminOnly}</Text>}
      {acting.error && <Failure error={acting.error} />}
      {acting.shown && <Once {...acting.shown} done={acting.hide} />}
      <Asked query={query}>
        {(answer) => <Everybody everybody={answer.people} admin={admin} acting={acting} />}
      </Asked>
    </Stack>
  )
}

function Add({ acting }: { acting: Acting }) {
  const { settings, shell } = useTexts()
  const texts = settings.people
  const [name, setName] = useState('')
  const [role, choose] = useState<Role>('viewer')
  const submit = () =>
    acting.act(async () => {
      const { link } = await addPerson(name.trim(), role)
      setName('')
      return { title: texts.madeLink(name.trim()), text: link, hint: texts.linkHint }
    })
  return (
    <form
      aria-labelledby="add"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Title order={2} id="add" mb="xs">
        {texts.add}
      </Title>
      <Group gap="sm" align="flex-end">
        <TextInput
          label={texts.name}
          required
          maxLength={100}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label={texts.role}
          value={role}
          onChange={(event) => choose(event.currentTarget.value as Role)}
          data={ROLES.map((one) => ({
            value: one,
            label: `${shell.roles[one]}: ${settings.roleMeaning[one]}`,
          }))}
        />
        <Button type="submit" loading={acting.busy}>
          {texts.submit}
        </Button>
      </Group>
    </form>
  )
}

interface EverybodyProps {
  everybody: Somebody[]
  admin: boolean
  acting: Acting
}

function Everybody({ everybody, admin, acting }: EverybodyProps) {
  const { settings, shell } = useTexts()
  const texts = settings.people
  const columns: Column<Somebody>[] = [
    {
      key: 'name',
      header: texts.name,
      value: ({ name }) => name,
      cell: ({ name, you }) => (
        <>
          <b>{name}</b>
          {you && <Text span c="dimmed">{` (${texts.you})`}</Text>}
        </>
      ),
    },
    {
      key: 'role',
      header: texts.role,
      value: ({ role }) => ROLES.indexOf(role),
      cell: ({ name, role }) =>
        admin ? (
          <NativeSelect
            miw="7rem"
            aria-label={texts.roleOf(name)}
            value={role}
            onChange={({ currentTarget: { value } }) =>
              acting.act(async () => {
                await setRole(name, value as Role)
                return null
              })
            }
            data={ROLES.map((one) => ({ value: one, label: shell.roles[one] }))}
          />
        ) : (
          shell.roles[role]
        ),
    },
  ]
  const managed: Column<Somebody>[] = [
    {
      key: 'tokens',
      header: texts.tokens,
      value: ({ tokens }) => tokens.length,
      cell: ({ tokens }) => (
        <HeldTokens
          tokens={tokens}
          end={(id) =>
            acting.act(async () => {
              await endPersonToken(id)
              return null
            })
          }
        />
      ),
    },
    {
      key: 'actions',
      header: texts.actions,
      value: () => null,
      cell: ({ name }) => <Actions name={name} acting={acting} />,
    },
  ]
  return (
    <DataTable
      name="people"
      label={settings.tabs.people}
      rows={everybody}
      columns={admin ? [...columns, ...managed] : columns}
      id={({ name }) => name}
      text={({ name, role }) => `${name} ${role}`}
      filterLabel={texts.filter}
    />
  )
}

function Actions({ name, acting }: { name: string; acting: Acting }) {
  const texts = useTexts().settings.people
  const link = async () => {
    const made = await makeLink(name)
    return { title: texts.madeLink(name), text: made.link, hint: texts.linkHint }
  }
  const token = async () => {
    const made = await makePersonToken(name)
    return { title: texts.madeToken(name), text: made.text, hint: texts.tokenHint }
  }
  return (
    <Group gap="xs" wrap="nowrap">
      <Button variant="default" aria-label={texts.linkOf(name)} onClick={() => acting.act(link)}>
        {texts.link}
      </Button>
      <Button variant="default" aria-label={texts.tokenOf(name)} onClick={() => acting.act(token)}>
        {texts.token}
      </Button>
      <Sure
        danger
        name={texts.removeOf(name)}
        label={texts.remove}
        title={texts.removeTitle(name)}
        text={texts.removeText}
        yes={texts.remove}
        act={() =>
          acting.act(async () => {
            await removePerson(name)
            return null
          })
        }
      />
    </Group>
  )
}
