/** What needs somebody, each with the way to it. */
import { Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Problem } from '../../api/types'
import { pageOf } from '../../app/pages'
import { Status, type Tone } from '../../parts/Status'
import { useTexts } from '../../texts/texts'
import sheet from '../../parts/Sheet.module.css'
import style from './Problems.module.css'

const TONES: Record<Problem['kind'], Tone> = {
  missing: 'bad',
  stale: 'warn',
  failed_check: 'bad',
  quarantine: 'warn',
  dropped: 'bad',
  plan: 'warn',
  project: 'bad',
}

export function Problems({ problems, calm }: { problems: Problem[]; calm: boolean }) {
  const texts = useTexts().home
  if (problems.length === 0 && !calm) return null
  return (
    <section aria-labelledby="problems">
      <Title order={2} id="problems" mb="xs">
        {texts.problems}
      </Title>
      {problems.length === 0 ? (
        <div className={`${sheet.sheet} ${style.calm}`}>
          <Status tone="good">{texts.calm}</Status>
          <Text c="dimmed">{texts.calmText}</Text>
        </div>
      ) : (
        <ul className={sheet.list}>
          {problems.map((problem) => (
            <li
              key={`${problem.kind} ${problem.subject} ${problem.text}`}
              className={style.problem}
            >
              <Status tone={TONES[problem.kind]}>{texts.problemKinds[problem.kind]}</Status>
              <span className={style.subject}>
                <Subject problem={problem} />
              </span>
              <span>{problem.text}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** A link, if this console has the page that the problem points at. */
function Subject({ problem: { subject, href } }: { problem: Problem }) {
  return pageOf(href) ? <Link to={href}>{subject}</Link> : subject
}
