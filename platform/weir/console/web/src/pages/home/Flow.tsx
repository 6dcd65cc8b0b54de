/** The flow as a picture: a stream through the stages, and under each what it holds. */
import { Title } from '@mantine/core'
import type { Home } from '../../api/types'
import { useFormats } from '../../texts/numbers'
import { useTexts, worded } from '../../texts/texts'
import style from './Flow.module.css'
import { StageCard } from './StageCard'
import { streamPath, widths } from './stream'

export function Flow({ home }: { home: Home }) {
  const texts = useTexts().home
  const { number } = useFormats()
  const { stages, live } = home
  const text = stages
    .map(
      ({ stage, rows_today: today }) =>
        `${worded(texts.stages, stage)} ${today === null ? '–' : number(today)}`,
    )
    .join(', ')
  return (
    <section aria-labelledby="flow">
      <Title order={2} id="flow" mb="xs">
        {texts.flow}
      </Title>
      <div className={style.flow} style={{ '--stages': stages.length }}>
        <svg
          className={style.stream}
          viewBox={`0 0 ${stages.length} 2`}
          preserveAspectRatio="none"
          role="img"
          aria-label={texts.flowText(text)}
        >
          <path
            className={style.water}
            d={streamPath(widths(stages.map(({ rows_today: today }) => today)))}
          />
          <line
            className={style.current}
            data-live={live.collector !== null || undefined}
            x1="0"
            x2={stages.length}
            y1="1"
            y2="1"
          />
        </svg>
        <ol className={style.stages}>
          {stages.map((stage) => (
            <StageCard key={stage.stage} stage={stage} live={live} />
          ))}
        </ol>
      </div>
    </section>
  )
}
