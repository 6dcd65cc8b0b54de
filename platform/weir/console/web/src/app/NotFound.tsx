/** An address that no page has. */
import { useTexts } from '../texts/texts'
import { Empty } from '../parts/Empty'
import { Page } from '../parts/Page'

export function NotFound() {
  const { notFound } = useTexts().shell
  return (
    <Page title={notFound.title}>
      <Empty title={notFound.title} text={notFound.remedy} />
    </Page>
  )
}
