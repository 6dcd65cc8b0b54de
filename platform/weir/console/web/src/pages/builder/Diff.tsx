/** What changes in the files, line by line. */
import { Text } from '@mantine/core'
import { Scroller } from '../../parts/Scroller'
import style from './Verdict.module.css'
import { useBuilderTexts } from './texts'

const KINDS: [string, string][] = [
  ['+++', 'file'],
  ['---', 'file'],
  ['@@', 'place'],
  ['+', 'added'],
  ['-', 'removed'],
]

export function Diff({ text }: { text: string }) {
  const texts = useBuilderTexts()
  if (!text) return <Text c="dimmed">{texts.noDiff}</Text>
  return (
    <Scroller label={texts.tabs.diff}>
      <pre className={style.diff}>
        {text.split('\n').map((line, index) => (
          // Lines have no name but their place.
          <div key={index} data-kind={KINDS.find(([sign]) => line.startsWith(sign))?.[1]}>
            {line || ' '}
          </div>
        ))}
      </pre>
    </Scroller>
  )
}
