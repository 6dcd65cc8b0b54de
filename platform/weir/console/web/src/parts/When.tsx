/**
 * An instant, and the key of a partition. An instant is shown in the viewer's zone; a partition's
 * key is a period in the zone of its table, so it is shown as it is, with that zone named.
 */
import { useFormats, viewerZone } from '../texts/numbers'
import { useTexts } from '../texts/texts'
import style from './When.module.css'

export function When({ at, ago = false }: { at: string | null; ago?: boolean }) {
  const { parts } = useTexts()
  const formats = useFormats()
  if (!at) return <span className={style.quiet}>{parts.when.never}</span>
  const instant = new Date(at)
  const exact = `${instant.toISOString().replace('.000Z', 'Z')}\n${formats.time(instant)} ${viewerZone}`
  return (
    <time dateTime={at} title={exact} className={style.when}>
      {ago ? formats.ago(instant, new Date()) : formats.time(instant)}
    </time>
  )
}

export function PartitionKey({ value, zone }: { value: string; zone?: string | null }) {
  const { parts } = useTexts()
  if (!value) return <span className={style.quiet}>{parts.none}</span>
  return (
    <span className={style.when} title={zone ? parts.when.zone(zone) : undefined}>
      {value}
      {zone && <span className={style.quiet}> {zone}</span>}
    </span>
  )
}
