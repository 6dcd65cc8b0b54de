/** What a new write token is to allow. */
import { Button, Checkbox, Group, NativeSelect, Stack, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { makeToken } from '../../api/settings'
import { useTexts } from '../../texts/texts'
import type { useActing } from './acting'
import sheet from '../../parts/Sheet.module.css'
import style from './Settings.module.css'

interface TokenFormProps {
  acting: ReturnType<typeof useActing>
  close: () => void
}

const BLANK = {
  producer: '',
  environment: 'prod' as 'prod' | 'test',
  channel: 'server' as 'server' | 'client',
  events: '',
  origins: '',
  rate: '',
  expires: '90d',
  strict: false,
  tail: false,
}

const split = (text: string) => text.split(/[\s,]+/).filter(Boolean)

export function TokenForm({ acting, close }: TokenFormProps) {
  const texts = useTexts().settings.tokens
  const form = useForm({ mode: 'controlled', initialValues: BLANK })
  const submit = form.onSubmit((given) => {
    acting.act(async () => {
      const { producer, environment, channel, strict, tail, expires } = given
      const made = await makeToken({
        ...{ producer, environment, channel, strict, tail, expires },
        events: split(given.events),
        origins: split(given.origins),
        rate: given.rate ? Number(given.rate) : null,
      })
      close()
      return { title: texts.made(producer), text: made.text, hint: texts.hint }
    })
  })
  const options = (values: Record<string, string>) =>
    Object.entries(values).map(([value, label]) => ({ value, label }))
  return (
    <form onSubmit={submit} className={`${sheet.sheet} ${style.card}`} aria-labelledby="make">
      <Stack gap="sm">
        <Title order={2} id="make">
          {texts.make}
        </Title>
        <div className={style.fields}>
          <TextInput
            label={texts.producer}
            placeholder={texts.producerHint}
            required
            maxLength={64}
            autoComplete="off"
            {...form.getInputProps('producer')}
          />
          <NativeSelect
            label={texts.environment}
            data={options(texts.environments)}
            {...form.getInputProps('environment')}
          />
          <NativeSelect
            label={texts.channel}
            data={options(texts.channels)}
            {...form.getInputProps('channel')}
          />
          <NativeSelect
            label={texts.expires}
            data={options(texts.lasts)}
            {...form.getInputProps('expires')}
          />
          <TextInput
            label={texts.events}
            placeholder={texts.eventsHint}
            {...form.getInputProps('events')}
          />
          <TextInput
            label={texts.origins}
            placeholder={texts.originsHint}
            {...form.getInputProps('origins')}
          />
          <TextInput
            label={texts.rate}
            type="number"
            min={1}
            placeholder={texts.any}
            {...form.getInputProps('rate')}
          />
        </div>
        <Group gap="lg">
          <Checkbox
            size="xs"
            label={texts.strict}
            {...form.getInputProps('strict', { type: 'checkbox' })}
          />
          <Checkbox
            size="xs"
            label={texts.tail}
            {...form.getInputProps('tail', { type: 'checkbox' })}
          />
        </Group>
        <Group gap="xs">
          <Button type="submit" loading={acting.busy}>
            {texts.submit}
          </Button>
          <Button variant="default" onClick={close}>
            {texts.cancel}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
