/** Settings: people, producers' tokens, environments, what is in force, and health. */
import { Page } from '../../parts/Page'
import { TabPages } from '../../parts/TabPages'
import { useTexts } from '../../texts/texts'
import { Engines } from './Engines'
import { Environments } from './Environments'
import { Health } from './Health'
import { People } from './People'
import { Tokens } from './Tokens'

export function SettingsPage() {
  const texts = useTexts().settings
  const { tabs } = texts
  return (
    <Page title={texts.title} lead={texts.lead}>
      <TabPages
        label={texts.title}
        tabs={[
          { key: 'people', label: tabs.people, content: <People /> },
          { key: 'tokens', label: tabs.tokens, content: <Tokens /> },
          { key: 'environments', label: tabs.environments, content: <Environments /> },
          { key: 'engines', label: tabs.engines, content: <Engines /> },
          { key: 'health', label: tabs.health, content: <Health /> },
        ]}
      />
    </Page>
  )
}
