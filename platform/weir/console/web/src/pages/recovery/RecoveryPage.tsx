/** What is wrong now and why, the plans that were made, and a form that makes one. */
import { useQuery } from '@tanstack/react-query'
import { plans as askPlans, recovery as askRecovery } from '../../api/recovery'
import { Page } from '../../parts/Page'
import { TabPages } from '../../parts/TabPages'
import { useTexts } from '../../texts/texts'
import { LookForm } from './LookForm'
import { Now } from './Now'
import { Plans } from './Plans'
import { Propose } from './Propose'

export function RecoveryPage() {
  const texts = useTexts().recovery
  const now = useQuery(askRecovery).data
  const plans = useQuery(askPlans).data
  return (
    <Page
      title={texts.title}
      lead={texts.lead}
      actions={now?.checkable === false ? undefined : <LookForm />}
    >
      <TabPages
        label={texts.title}
        tabs={[
          { key: 'now', label: texts.tabs.now, count: now?.to_build, content: <Now /> },
          { key: 'plans', label: texts.tabs.plans, count: plans?.in_all, content: <Plans /> },
          { key: 'propose', label: texts.tabs.propose, content: <Propose /> },
        ]}
      />
    </Page>
  )
}
