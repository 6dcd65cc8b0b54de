/** One stage of the flow: its rows of today, its newest partition, and what is wrong with it. */
import { Link } from '@tanstack/react-router'
import type { Stage } from '../../api/types'
import { Status, type Tone } from '../../parts/Status'
import { PartitionKey } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts } from '../../texts/texts'
import style from './Flow.module.css'

export function StageCard({ stage }: { stage: Stage }) {
  const texts = useTexts().home
  const { number, short } = useFormats()
  const name = texts.stages[stage.stage]
  const today = stage.rows_today
  return (
    <li className={style.stage}>
      <h3 className={style.name}>
        {/* The collector has no tables: nothing of it is among the models. */}
        {stage.assets > 0 ? (
          <Link to="/models" search={{ stage: stage.stage }}>
            {name}
          </Link>
        ) : (
          name
        )}
        {stage.assets > 0 && <span className={style.assets}>{texts.assets(stage.assets)}</span>}
      </h3>
      <p className={style.about}>{texts.about[stage.stage]}</p>
      <p className={style.today} title={today === null ? texts.notCounted : number(today)}>
        {today === null ? '–' : short(today)} <span>{texts.today}</span>
      </p>
      <p className={style.quiet}>{texts.total(number(stage.rows))}</p>
      {stage.newest && (
        <p className={style.quiet}>
          {texts.newest} <PartitionKey value={stage.newest} />
        </p>
      )}
      <div className={style.states}>
        <Freshness stage={stage} />
        {stage.missing > 0 && <Status tone="bad">{texts.missing(stage.missing)}</Status>}
        {stage.failed > 0 && <Status tone="bad">{texts.failed(stage.failed)}</Status>}
        {stage.stale > 0 && <Status tone="warn">{texts.stale(stage.stale)}</Status>}
      </div>
    </li>
  )
}

function Freshness({ stage }: { stage: Stage }) {
  const texts = useTexts().home
  if (stage.fresh === null) {
    return stage.newest || stage.rows ? null : <Status tone="quiet">{texts.quiet}</Status>
  }
  const [tone, text]: [Tone, string] = stage.fresh ? ['good', texts.fresh] : ['warn', texts.late]
  return <Status tone={tone}>{text}</Status>
}
