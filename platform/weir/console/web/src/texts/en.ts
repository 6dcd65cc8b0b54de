/** The English catalogue, by the part of the console that speaks. */
import { events } from './en/events'
import { home } from './en/home'
import { models } from './en/models'
import { parts } from './en/parts'
import { quarantine } from './en/quarantine'
import { tester } from './en/tester'
import { settings } from './en/settings'
import { audit, lineage, plan, recovery } from './en/recovery'
import { shell } from './en/shell'

export const en = {
  shell,
  parts,
  home,
  events,
  models,
  quarantine,
  tester,
  settings,
  audit,
  lineage,
  plan,
  recovery,
}
