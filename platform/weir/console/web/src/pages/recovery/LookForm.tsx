/** Looks at what is stored, as closely as is chosen: the button of pages that show partitions. */
import { Button, NativeSelect } from '@mantine/core'
import { IconFileSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { useLook, type Level } from '../../api/recovery'
import { Failure } from '../../parts/Failure'
import { ICON } from '../../parts/icons'
import { useMay } from '../../parts/may'
import { useTexts } from '../../texts/texts'

const FOR_ALL: Level[] = ['metadata', 'listing', 'footer']
const READS_ALL: Level[] = ['rows', 'hash']

export function LookForm({ asset = '' }: { asset?: string }) {
  const texts = useTexts().recovery
  const [level, setLevel] = useState<Level>('listing')
  const operator = useMay('operator')
  const look = useLook(asset)
  const levels = operator ? [...FOR_ALL, ...READS_ALL] : FOR_ALL
  return (
    <>
      <NativeSelect
        aria-label={texts.level}
        value={level}
        onChange={(event) => setLevel(event.currentTarget.value as Level)}
        data={levels.map((value) => ({ value, label: texts.levels[value] }))}
        maw="16rem"
      />
      <Button
        variant="default"
        leftSection={<IconFileSearch {...ICON} />}
        loading={look.isPending}
        onClick={() => look.mutate(level)}
      >
        {texts.look}
      </Button>
      {look.error && <Failure error={look.error} />}
    </>
  )
}
