/** Signing in, by a token or by the company's own sign-in. */
import { Alert, Button, Divider, Group, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useLocation, useRouter } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { Session } from '../../api/types'
import { LanguageMenu } from '../../app/LanguageMenu'
import { Mark } from '../../app/Mark'
import { SchemeMenu } from '../../app/SchemeMenu'
import { useSignIn } from '../../app/signing'
import { useAddress } from '../../parts/address'
import { Code } from '../../parts/Code'
import { Failure } from '../../parts/Failure'
import { Loading } from '../../parts/Loading'
import { useTexts } from '../../texts/texts'
import { isProblem, linkToken, onward } from './onward'

const MAKE_TOKEN = 'weir people add <name> --role viewer'

export function SignIn({ session }: { session: Session }) {
  const { shell } = useTexts()
  const { signIn } = shell
  const { token, oidc } = session.sign_in
  const link = useLink()
  const to = useAsked()
  if (link.isPending) return <Loading lines={3} />
  return (
    <Stack gap="lg" pt="xl" maw="24rem" mx="auto">
      <title>{`${signIn.title} · ${shell.product}`}</title>
      <Group justify="space-between">
        <Group gap="xs">
          <Mark size={28} />
          <Title order={1}>{signIn.title}</Title>
        </Group>
        <Group gap={0}>
          <SchemeMenu />
          <LanguageMenu />
        </Group>
      </Group>
      {link.error && <Failure error={link.error} />}
      <Problem />
      {oidc && (
        <Button size="sm" component="a" href={`/api/v1/session/oidc?to=${encodeURIComponent(to)}`}>
          {signIn.oidc(oidc)}
        </Button>
      )}
      {oidc && token && <Divider label={signIn.or} />}
      {token && <TokenForm />}
      <Stack gap="xs" align="flex-start">
        <Text size="sm" c="dimmed">
          {token ? signIn.tokenHint : signIn.none}
        </Text>
        <Code command text={MAKE_TOKEN} label={signIn.tokenHint} />
      </Stack>
    </Stack>
  )
}

/** What went wrong on the way to the company's sign-in and back. */
function Problem() {
  const { problems } = useTexts().shell.signIn
  const [problem] = useAddress('problem')
  if (!problem || !isProblem(problem, problems)) return null
  return (
    <Alert color="red" variant="light" role="alert">
      {problems[problem]}
    </Alert>
  )
}

/** The address that was asked for. */
function useAsked(): string {
  const { href, pathname } = useLocation()
  const [to] = useAddress('to')
  return pathname === '/sign-in' ? onward(to) : href
}

/** Signs in by the token of a link, once: it is good for one use, and leaves the address first. */
function useLink() {
  const router = useRouter()
  const signIn = useSignIn()
  const { mutate } = signIn
  const used = useRef(false)
  useEffect(() => {
    const { hash, pathname, searchStr } = router.latestLocation
    const token = linkToken(hash)
    if (!token || used.current) return
    used.current = true
    router.history.replace(`${pathname}${searchStr}`)
    mutate(token)
  }, [router, mutate])
  return signIn
}

function TokenForm() {
  const { signIn } = useTexts().shell
  const { mutate, isPending, error } = useSignIn()
  const form = useForm({
    initialValues: { token: '' },
    validate: { token: (value) => (value.trim() ? null : signIn.tokenMissing) },
  })
  return (
    <form onSubmit={form.onSubmit(({ token }) => mutate(token.trim()))}>
      <Stack gap="sm">
        <PasswordInput
          label={signIn.token}
          autoComplete="current-password"
          data-autofocus
          {...form.getInputProps('token')}
        />
        <Button type="submit" size="sm" loading={isPending} variant="filled">
          {signIn.submit}
        </Button>
        {error && <Failure error={error} />}
      </Stack>
    </form>
  )
}
