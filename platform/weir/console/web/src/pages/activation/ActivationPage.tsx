/** Who is new, stays, comes back and goes: of any fact, at any grain. */
import { useQuery } from '@tanstack/react-query'
import { facts, look, type FactEntry, type Grain } from '../../api/activation'
import { useAddress } from '../../parts/address'
import { Asked } from '../../parts/Asked'
import { Empty } from '../../parts/Empty'
import { Page } from '../../parts/Page'
import { Unready } from '../../parts/Unready'
import { useTexts } from '../../texts/texts'
import { Controls } from './Controls'
import { LookPage } from './LookPage'
import { useWanted } from './wanted'

export function ActivationPage() {
  const texts = useTexts().activation
  const query = useQuery(facts)
  return (
    <Page title={texts.title} lead={texts.lead}>
      <Asked query={query}>
        {({ facts: found }) => {
          const [first] = found.toSorted((one, other) => built(other) - built(one))
          if (!first) {
            const command = 'weir activation add --help'
            return <Empty title={texts.emptyTitle} text={texts.emptyText} command={command} />
          }
          return <Chosen facts={found} first={first} />
        }}
      </Asked>
    </Page>
  )
}

const built = (fact: FactEntry) => Number(fact.grains.some((grain) => grain.built))

function Chosen({ facts: found, first }: { facts: FactEntry[]; first: FactEntry }) {
  const [name] = useAddress('fact', first.name)
  const [grain] = useAddress('grain', 'weekly')
  const fact = found.find((one) => one.name === name) ?? first
  const wanted = useWanted()
  const query = useQuery({
    ...look(fact.name, grain as Grain, wanted),
    placeholderData: (before) =>
      before?.fact === fact.name && before.grain === grain ? before : undefined,
  })
  return (
    <>
      <Controls facts={found} fact={fact} grain={grain} look={query.data} />
      {query.isError ? (
        <Unready error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Asked query={query} lines={14}>
          {(seen) => <LookPage look={seen} wanted={wanted} />}
        </Asked>
      )}
    </>
  )
}
