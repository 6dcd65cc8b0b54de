/** Lays a graph out: a small one at once, a large one in a worker. */
import { useEffect, useMemo, useRef, useState } from 'react'
import { place, type LayoutTask, type Placed } from './layout'

/** About 50 ms on a slow machine. */
const AT_ONCE = 120

interface Answer {
  number: number
  placed: Placed
}

export function useLayout(task: LayoutTask): Placed {
  const small = task.boxes.length <= AT_ONCE || typeof Worker === 'undefined'
  const now = useMemo(() => (small ? place(task) : null), [small, task])
  const later = useWorker(small ? null : task)
  return now ?? later
}

const NOTHING: Placed = []

/** What was laid out before stays until the next is ready; an answer that comes too late is dropped. */
function useWorker(task: LayoutTask | null): Placed {
  const [placed, setPlaced] = useState<Placed>(NOTHING)
  const worker = useRef<Worker>(null)
  const number = useRef(0)
  useEffect(() => () => worker.current?.terminate(), [])
  useEffect(() => {
    if (!task) return
    worker.current ??= new Worker(new URL('./layout.worker.ts', import.meta.url), {
      type: 'module',
    })
    number.current += 1
    worker.current.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.number === number.current) setPlaced(data.placed)
    }
    worker.current.postMessage({ number: number.current, task })
  }, [task])
  return placed
}
