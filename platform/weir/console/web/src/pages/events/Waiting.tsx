/** Saved branches that are not part of what is checked out: each leads to the builder, where it is taken. */
import { Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { branches } from '../../api/queries'
import sheet from '../../parts/Sheet.module.css'
import { When } from '../../parts/When'
import { useTexts } from '../../texts/texts'
import style from './Waiting.module.css'

export function Waiting() {
  const { waiting } = useTexts().events
  const found = useQuery(branches).data?.branches ?? []
  if (found.length === 0) return null
  return (
    <section aria-labelledby="waiting">
      <Title order={2} id="waiting" mb="xs">
        {waiting.title}
      </Title>
      <ul className={sheet.list}>
        {found.map(({ branch, events, by, at, subject }) => (
          <li key={branch} className={style.branch}>
            <span>
              {events.length === 0 && <code>{branch}</code>}
              {events.map((name) => (
                <div key={name}>
                  <Link to="/events/$name/edit" params={{ name }} search={{ branch }}>
                    <code>{name}</code>
                  </Link>
                </div>
              ))}
            </span>
            <span>{subject}</span>
            <Text span size="sm" c="dimmed">
              {by}, <When at={at} ago />
            </Text>
          </li>
        ))}
      </ul>
    </section>
  )
}
