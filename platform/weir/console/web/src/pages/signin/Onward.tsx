/** The sign-in page of somebody who is signed in: it leads on to what was asked for. */
import { useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useAddress } from '../../parts/address'
import { onward } from './onward'

const DAGSTER = '/dagster'

export function Onward() {
  const router = useRouter()
  const [to] = useAddress('to')
  useEffect(() => {
    const path = onward(to)
    // Dagster's pages are not the console's: the browser must load them.
    if (path.startsWith(DAGSTER)) window.location.replace(path)
    else router.history.replace(path)
  }, [router, to])
  return null
}
