/** Applying a plan, after it was looked at once more; going on with it; cancelling it. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react'
import { useState } from 'react'
import { useApply, useCancel, type Plan, type Progress } from '../../api/recovery'
import { Failure } from '../../parts/Failure'
import { ICON } from '../../parts/icons'
import { useMay } from '../../parts/may'
import { useTexts } from '../../texts/texts'
import { useTime } from './words'

interface ActionsProps {
  plan: Plan
  now: Progress
}

export function Actions({ plan, now }: ActionsProps) {
  const texts = useTexts().plan
  const [asking, ask] = useState(false)
  const cancel = useCancel(plan.id)
  if (!useMay('operator')) return null
  const stopped = ['done', 'cancelled'].includes(now.standing)
  return (
    <>
      {now.standing !== 'done' && !now.running && (
        <Button leftSection={<IconPlayerPlay {...ICON} />} onClick={() => ask(true)}>
          {now.began_at ? texts.resume : texts.apply}
        </Button>
      )}
      {!stopped && (
        <Button
          variant="default"
          leftSection={<IconPlayerStop {...ICON} />}
          loading={cancel.isPending}
          onClick={() => cancel.mutate()}
        >
          {texts.cancel}
        </Button>
      )}
      {cancel.error && <Failure error={cancel.error} />}
      <Confirm plan={plan} opened={asking} close={() => ask(false)} />
    </>
  )
}

interface ConfirmProps {
  plan: Plan
  opened: boolean
  close: () => void
}

function Confirm({ plan, opened, close }: ConfirmProps) {
  const { plan: texts, recovery } = useTexts()
  const time = useTime()
  const apply = useApply(plan.id)
  const { confirm } = texts
  const assets = new Set(plan.steps_of.flatMap((step) => step.assets))
  const left = plan.untouched.reduce((sum, { count }) => sum + count, 0)
  const start = () => apply.mutate(plan.digest, { onSuccess: close })
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={confirm.title}
      closeButtonProps={{ 'aria-label': confirm.no }}
    >
      <Stack gap="sm">
        <Text>
          {confirm.runs(
            texts.runs(plan.steps),
            recovery.partitions(plan.estimate.partitions),
            texts.assets(assets.size),
          )}{' '}
          {plan.estimate.p50 === null ? confirm.timeUnknown : confirm.time(time(plan.estimate))}
        </Text>
        <Text c="dimmed">
          {confirm.untouched(recovery.partitions(left), texts.assets(plan.untouched.length))}
        </Text>
        <Text c="dimmed">{confirm.goesOn}</Text>
        <Text size="sm">
          {texts.facts.digest} <code>{plan.digest}</code>
        </Text>
        {apply.error && <Failure error={apply.error} />}
        <Group gap="xs" justify="flex-end">
          <Button variant="default" onClick={close}>
            {confirm.no}
          </Button>
          <Button data-autofocus loading={apply.isPending} onClick={start}>
            {confirm.yes}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
