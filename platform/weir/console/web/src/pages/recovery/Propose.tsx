/** A form that makes a plan. What is filled in stands in the address, and as a command below it. */
import { Alert, Button, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { models } from '../../api/queries'
import { useMakePlan, type Level, type PlanWanted } from '../../api/recovery'
import { useAddress, useTyped } from '../../parts/address'
import { Code } from '../../parts/Code'
import { Failure } from '../../parts/Failure'
import { useMay } from '../../parts/may'
import { View } from '../../parts/View'
import { useTexts } from '../../texts/texts'
import { commandOf } from './command'
import style from './Recovery.module.css'

const LEVELS: Level[] = ['metadata', 'listing', 'footer', 'rows', 'hash']
type Kind = PlanWanted['kind']

/** What the form holds; all of it is in the address. */
function useForm() {
  const [kind, setKind] = useAddress('kind', 'recover')
  const [asset, setAsset] = useTyped('asset')
  const [range, setRange] = useTyped('range')
  const [since, setSince] = useAddress('since')
  const [layers, setLayers] = useAddress('layers')
  const [level, setLevel] = useAddress('level', 'listing')
  const [downstream, setDownstream] = useAddress('downstream')
  const [rebuild, setRebuild] = useAddress('rebuild')
  const wanted: PlanWanted = {
    kind: kind as Kind,
    assets: asset.trim() ? [asset.trim()] : [],
    range: kind === 'restate' ? '' : range.trim(),
    since: kind === 'restate' && since ? since : null,
    layers: kind === 'restate' && layers ? [layers as 'daily'] : [],
    level: level as Level,
    downstream: kind !== 'restate' && downstream === 'yes',
    rebuild: kind === 'backfill' && rebuild === 'yes',
  }
  return {
    wanted,
    fields: { kind, asset, range, since, layers, level, downstream, rebuild },
    set: {
      kind: setKind,
      asset: setAsset,
      range: setRange,
      since: setSince,
      layers: setLayers,
      level: setLevel,
      downstream: setDownstream,
      rebuild: setRebuild,
    },
  }
}

export function Propose() {
  const texts = useTexts().recovery.ask
  const { wanted, fields, set } = useForm()
  const navigate = useNavigate()
  const may = useMay('operator')
  const make = useMakePlan()
  const submit = () =>
    make.mutate(wanted, {
      onSuccess: ({ plan }) => {
        if (plan) void navigate({ to: '/recovery/$plan', params: { plan } })
      },
    })
  return (
    <form
      className={style.form}
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Stack gap="sm">
        <Text c="dimmed">{texts.lead}</Text>
        <View label={texts.kind} value={fields.kind} values={texts.kinds} choose={set.kind} />
        <Text>{texts.kindTexts[wanted.kind]}</Text>
        <AssetField kind={wanted.kind} value={fields.asset} set={set.asset} />
        {wanted.kind === 'restate' ? (
          <Restated fields={fields} set={set} />
        ) : (
          <TextInput
            label={texts.range}
            description={texts.rangeHint}
            value={fields.range}
            onChange={(event) => set.range(event.currentTarget.value)}
          />
        )}
        {wanted.kind !== 'restate' && (
          <Check value={fields.downstream} set={set.downstream}>
            {texts.downstream}
          </Check>
        )}
        {wanted.kind === 'backfill' && (
          <Check value={fields.rebuild} set={set.rebuild}>
            {texts.rebuild}
          </Check>
        )}
        {wanted.kind === 'recover' && <LevelField value={fields.level} set={set.level} />}
        <Button type="submit" loading={make.isPending} disabled={!may} w="fit-content">
          {texts.submit}
        </Button>
        {!may && <Text c="dimmed">{texts.operator}</Text>}
        {make.error && <Failure error={make.error} />}
        {make.data?.plan === null && <Nothing beyond={make.data.beyond} />}
        <Text size="sm" c="dimmed">
          {texts.command}
        </Text>
        <Code command text={commandOf(wanted)} label={texts.command} />
      </Stack>
    </form>
  )
}

interface FieldProps {
  value: string
  set: (value: string) => void
}

function AssetField({ kind, value, set }: FieldProps & { kind: Kind }) {
  const texts = useTexts().recovery.ask
  const known = useQuery(models).data?.models ?? []
  const fitting = kind === 'restate' ? known.filter(({ stage }) => stage === 'fact') : known
  return (
    <>
      <TextInput
        label={texts.asset}
        description={kind === 'recover' ? texts.anyAsset : undefined}
        required={kind !== 'recover'}
        list="assets"
        value={value}
        onChange={(event) => set(event.currentTarget.value)}
      />
      <datalist id="assets">
        {fitting.map(({ asset }) => (
          <option key={asset} value={asset} />
        ))}
      </datalist>
    </>
  )
}

function LevelField({ value, set }: FieldProps) {
  const { ask, levels } = useTexts().recovery
  return (
    <NativeSelect
      label={ask.level}
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
      data={LEVELS.map((level) => ({ value: level, label: levels[level] }))}
    />
  )
}

function Restated({ fields, set }: Pick<ReturnType<typeof useForm>, 'fields' | 'set'>) {
  const texts = useTexts().recovery.ask
  return (
    <>
      <TextInput
        type="date"
        required
        label={texts.since}
        value={fields.since}
        onChange={(event) => set.since(event.currentTarget.value)}
      />
      <NativeSelect
        label={texts.layers}
        value={fields.layers}
        onChange={(event) => set.layers(event.currentTarget.value)}
        data={Object.entries(texts.layerNames).map(([value, label]) => ({
          value: value === 'all' ? '' : value,
          label,
        }))}
      />
    </>
  )
}

function Check({ value, set, children }: FieldProps & { children: ReactNode }) {
  return (
    <label className={style.check}>
      <input
        type="checkbox"
        checked={value === 'yes'}
        onChange={(event) => set(event.currentTarget.checked ? 'yes' : '')}
      />
      {children}
    </label>
  )
}

function Nothing({ beyond }: { beyond: string[] }) {
  const { recovery, plan } = useTexts()
  return (
    <Alert role="status" variant="outline" title={recovery.ask.nothing}>
      {beyond.length > 0 && `${plan.beyond}: ${beyond.join(' ')}`}
    </Alert>
  )
}
