/** The tokens of one person, each with a way to end it. */
import { Group, Stack, Text } from '@mantine/core'
import type { Somebody } from '../../api/settings'
import { Sure } from '../../parts/Sure'
import { When } from '../../parts/When'
import { useTexts } from '../../texts/texts'

interface HeldTokensProps {
  tokens: Somebody['tokens']
  end: (id: string) => void
}

export function HeldTokens({ tokens, end }: HeldTokensProps) {
  const { settings, parts } = useTexts()
  const texts = settings.people
  if (tokens.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {parts.none}
      </Text>
    )
  return (
    <Stack gap={4}>
      {tokens.map(({ id, link, expires_at }) => (
        <Group key={id} gap="xs" wrap="nowrap">
          <code>{id}</code>
          <Text span size="sm" c="dimmed">
            {link && `${texts.isLink}, `}
            {expires_at ? (
              <>
                {texts.until} <When at={expires_at} />
              </>
            ) : (
              texts.forEver
            )}
          </Text>
          <Sure
            danger
            name={texts.revokeOf(id)}
            label={texts.revoke}
            title={texts.revokeTitle}
            text={texts.revokeText}
            yes={texts.revoke}
            act={() => end(id)}
          />
        </Group>
      ))}
    </Stack>
  )
}
