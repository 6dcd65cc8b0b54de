/** One stage of the flow: its rows of today, its newest partition, and what is wrong with it. */
import { Link } from '@tanstack/react-router'
import type { Stage } from '../../api/types'
import { Status } from '../../parts/Status'
import { PartitionKey } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts, worded } from '../../texts/texts'
import style from './Flow.module.css'

export function StageCard({ stage }: { stage: Stage }) {
  const texts = useTexts().home
  const { number, short } = useFormats()
  const name = worded(texts.stages, stage.stage)
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
      <p className={style.about}>{worded(texts.about, stage.stage)}</p>
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
        <Health stage={stage} />
        {stage.missing > 0 && <Status tone="bad">{texts.missing(stage.missing)}</Status>}
        {stage.failed > 0 && <Status tone="bad">{texts.failed(stage.failed)}</Status>}
        {stage.stale > 0 && <Status tone="warn">{texts.stale(stage.stale)}</Status>}
      </div>
    </li>
  )
}

/** That it holds what it should; what it lacks is said beside, in numbers. */
function Health({ stage }: { stage: Stage }) {
  const texts = useTexts().home
  if (stage.missing + stage.stale + stage.failed > 0) return null
  if (stage.newest) return <Status tone="good">{texts.current}</Status>
  return stage.rows > 0 ? null : <Status tone="quiet">{texts.quiet}</Status>
}
