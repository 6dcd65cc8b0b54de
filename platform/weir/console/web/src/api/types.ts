/**
 * The names by which pages know the API's answers. They are taken from the paths, so that a page
 * does not depend on what the server calls its own classes.
 */
import type { Got } from './shapes'

export type Session = Got<'/api/v1/session'>
export type Person = NonNullable<Session['person']>
export type Role = Person['role']

export type Home = Got<'/api/v1/home'>
export type Stage = Home['stages'][number]
export type Problem = Home['problems'][number]

export type EventList = Got<'/api/v1/events'>
export type EventRow = EventList['events'][number]
export type Event = Got<'/api/v1/events/{name}'>
export type DayVolume = Event['volume'][number]
export type Node = Event['parameter_tree'][number]
export type Difference =
  Got<'/api/v1/events/{name}/versions/{before}/{after}'>['differences'][number]

export type ModelRow = Got<'/api/v1/models'>['models'][number]
export type Model = Got<'/api/v1/models/{stage}/{table}'>
export type Partition = Model['partitions'][number]
export type Check = Model['checks'][number]
export type Run = Model['runs'][number]
