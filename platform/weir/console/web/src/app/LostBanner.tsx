/** Says that the server is away, asks until it is back, and then asks again for what is shown. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useLost } from '../api/connection'
import { session } from '../api/queries'
import { useTexts } from '../texts/texts'
import style from './Shell.module.css'

const PAUSE_MS = 3000

export function LostBanner() {
  const { shell } = useTexts()
  const lost = useLost()
  const cache = useQueryClient()

  useEffect(() => {
    if (!lost) return
    const timer = setInterval(() => {
      void cache.refetchQueries({ queryKey: session.queryKey }, { cancelRefetch: true })
    }, PAUSE_MS)
    return () => {
      clearInterval(timer)
      void cache.invalidateQueries()
    }
  }, [lost, cache])

  return <div role="status">{lost && <p className={style.lost}>{shell.lost}</p>}</div>
}
