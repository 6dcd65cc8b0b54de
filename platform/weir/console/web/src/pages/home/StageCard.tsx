/** One stage of the flow: its rows of today, its newest partition, and what is wrong with it. */
import { Link } from '@tanstack/react-router'
import type { Home, Stage } from '../../api/types'
import { Status } from '../../parts/Status'
import { PartitionKey } from '../../parts/When'
import { useFormats } from '../../texts/numbers'
import { useTexts, worded } from '../../texts/texts'
import style from './Flow.module.css'

export function StageCard({ stage, live }: { stage: Stage; live: Home['live'] }) {
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
      </h3>
      <p className={style.about}>{worded(texts.about, stage.stage)}</p>
      <p className={style.today} title={today === null ? texts.notCounted : number(today)}>
        {today === null ? '–' : short(today)} <span>{texts.today}</span>
      </p>
      {stage.assets > 0 && (
        <p className={style.quiet}>
          {texts.total(number(stage.rows))}, {texts.assets(stage.assets)}
        </p>
      )}
      {stage.newest && (
        <p className={style.quiet}>
          {texts.newest} <PartitionKey value={stage.newest} />
        </p>
      )}
      <div className={style.states}>
        {stage.stage === 'collect' ? <Collector live={live} /> : <Health stage={stage} />}
      </div>
    </li>
  )
}

/** Whether anything can come in. */
function Collector({ live }: { live: Home['live'] }) {
  const texts = useTexts().home
  const runs = live.collector !== null
  return <Status tone={runs ? 'good' : 'bad'}>{runs ? texts.listens : texts.away}</Status>
}

/** What it lacks, in numbers; or that it holds what it should. */
function Health({ stage: { missing, failed, stale, newest, rows } }: { stage: Stage }) {
  const texts = useTexts().home
  if (missing + stale + failed === 0) {
    if (newest) return <Status tone="good">{texts.current}</Status>
    return rows > 0 ? null : <Status tone="quiet">{texts.quiet}</Status>
  }
  return (
    <>
      {missing > 0 && <Status tone="bad">{texts.missing(missing)}</Status>}
      {failed > 0 && <Status tone="bad">{texts.failed(failed)}</Status>}
      {stale > 0 && <Status tone="warn">{texts.stale(stale)}</Status>}
    </>
  )
}
