/** The English catalogue, by the part of the console that speaks. */
import { activation } from './en/activation'
import { events } from './en/events'
import { home } from './en/home'
import { models } from './en/models'
import { parts } from './en/parts'
import { playground } from './en/playground'
import { quarantine } from './en/quarantine'
import { tester } from './en/tester'
import { settings } from './en/settings'
import { audit, lineage, plan, recovery } from './en/recovery'
import { search } from './en/search'
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
  activation,
  search,
  playground,
}
