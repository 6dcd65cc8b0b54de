/**
 * Who may see the pages. Somebody who is not signed in sees the sign-in page at the address that
 * was asked for, and so is there after signing in.
 */
import { Container } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { session } from '../api/queries'
import { Asked } from '../parts/Asked'
import { SignIn } from '../pages/signin/SignIn'
import { Shell } from './Shell'

export function Gate() {
  const query = useQuery(session)
  if (query.data?.person) return <Shell session={query.data} person={query.data.person} />
  return (
    <Container component="main" size="xs" py="xl">
      <Asked query={query}>{(answer) => <SignIn session={answer} />}</Asked>
    </Container>
  )
}
