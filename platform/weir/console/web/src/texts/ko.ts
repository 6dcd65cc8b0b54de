/** The Korean catalogue, by the part of the console that speaks. */
import { activation } from './ko/activation'
import { events } from './ko/events'
import { home } from './ko/home'
import { models } from './ko/models'
import { parts } from './ko/parts'
import { playground } from './ko/playground'
import { quarantine } from './ko/quarantine'
import { tester } from './ko/tester'
import { settings } from './ko/settings'
import { audit, lineage, plan, recovery } from './ko/recovery'
import { search } from './ko/search'
import { shell } from './ko/shell'
import type { Texts } from './texts'

export const ko: Texts = {
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
