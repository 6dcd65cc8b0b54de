/** What a form asks for, as the command that does the same. */
import type { PlanWanted } from '../../api/recovery'

export function commandOf(wanted: PlanWanted): string {
  const { kind, assets, range, since, layers } = wanted
  const names = kind === 'restate' ? assets.map((name) => name.replace(/^fact\//, '')) : assets
  const options = { range, from: since, grain: layers[0] }
  const words = Object.entries(options).map(([name, value]) => (value ? `--${name} ${value}` : ''))
  return ['weir plan', kind, ...names, ...words, ...flags(wanted)].filter(Boolean).join(' ')
}

function flags({ kind, assets, downstream, rebuild, level }: PlanWanted): string[] {
  return [
    rebuild ? '--rebuild' : '',
    downstream && assets.length > 0 ? '--downstream' : '',
    kind === 'recover' && level !== 'listing' ? `--level ${level}` : '',
  ]
}
