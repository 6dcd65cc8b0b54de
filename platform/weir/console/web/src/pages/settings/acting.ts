/** A change of the settings: what is shown once afterwards, and what is asked again. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { session } from '../../api/queries'

export interface Shown {
  title: string
  text: string
  hint: string
}

type Act = () => Promise<Shown | null>

export function useActing(queryKey: readonly unknown[]) {
  const cache = useQueryClient()
  const [shown, setShown] = useState<Shown | null>(null)
  const { mutate, isPending, error } = useMutation({
    mutationFn: (act: Act) => act(),
    onSuccess: (found) => {
      if (found) setShown(found)
    },
    onSettled: () => {
      void cache.invalidateQueries({ queryKey })
      void cache.invalidateQueries({ queryKey: session.queryKey })
    },
  })
  return {
    act: (one: Act) => mutate(one),
    busy: isPending,
    error,
    shown,
    hide: () => setShown(null),
  }
}
