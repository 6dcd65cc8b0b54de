import { counter } from '../plural'

const count = counter('en')
const events = (n: number) => count(n, { one: '# event', other: '# events' })

export const quarantine = {
  title: 'Quarantine',
  lead: 'Events that were found wrong are kept here as they came. Mend the cause, then bring them back.',
  tabs: { groups: 'What is wrong', dropped: 'Not kept', replays: 'Replays' },
  summary: (waiting: number, replayed: number) =>
    replayed ? `${events(waiting)}, ${replayed} of them replayed` : events(waiting),
  filters: {
    event: 'Event',
    rule: 'Rule',
    app: 'App version',
    from: 'Landed from (UTC)',
    to: 'to (UTC)',
    state: 'State',
    any: 'any',
    none: 'without a name',
    pointer: (place: string) => `Only at ${place}`,
    clear: 'Show every place',
  },
  states: { waiting: 'waiting', replayed: 'replayed', all: 'all' },
  columns: {
    event: 'Event',
    rule: 'Rule',
    pointer: 'Place',
    rows: 'Events',
    share: 'Share',
    replayed: 'Replayed',
    first: 'First',
    last: 'Last',
    code: 'Reason',
    producer: 'Producer',
    requests: 'Requests',
    bytes: 'Bytes',
    by: 'By',
    began: 'Began',
    result: 'Result',
  },
  noName: 'no name',
  wholeEvent: 'the event as a whole',
  filter: 'Filter by event, rule or place',
  emptyTitle: 'Nothing is wrong',
  emptyText:
    'Events that break their schema come here instead of into the tables. Send a wrong one in the live tester to see how it looks, then land it with:',
  filteredTitle: 'Nothing of that is here',
  filteredText: 'Take a filter away, or look at those that were replayed.',
  droppedLead:
    'Requests that the collector refused as a whole, and events that their policy rejects. Only their number is known.',
  droppedTitle: 'Nothing was refused',
  droppedText: 'Refused requests are counted here a few seconds after the next seal.',
  replaysTitle: 'No replay was started here',
  replaysText: 'Open a group and try what would be valid now. Those of the command line are in:',
  group: {
    title: 'Events in quarantine',
    facts: {
      event: 'Event',
      rule: 'Rule',
      place: 'Place',
      waiting: 'Waiting',
      replayed: 'Replayed',
    },
    openEvent: 'Open the event',
    samples: 'Samples',
    newest: (n: number) => `The newest ${count(n, { one: '#', other: '#' })}`,
    more: 'Show more',
    from: (producer: string) => `from ${producer}`,
    landed: 'landed',
    version: (version: number, assumed: boolean) =>
      `version ${version}${assumed ? ' (not sent: the newest)' : ''}`,
    again: 'Edit and send again',
    cut: 'This is no JSON, or only a part of it was kept:',
    secret: 'What was kept of it may hold personal values: an editor sees it.',
    hidden: 'Personal values are hidden from viewers.',
    replayed: (tier: string, receipt: string) => `Landed again in ${tier} as ${receipt}`,
    by: (name: string) => `by ${name}`,
    nothing: 'No event of this group is left here.',
  },
  fix: {
    title: 'Fix and replay',
    edit: (name: string) => `Edit ${name}`,
    schema: 'The schema is too narrow: publish a version that allows these events.',
    sender: 'The sender is wrong: mend the app. What it sent wrongly can only be sent again.',
    version: 'Judge by',
    own: 'the version each event says',
    number: (n: number) => `version ${n}`,
    versionHint: 'Only where you know better than the sender which version is meant.',
    dryRun: 'Try: what is valid now?',
    dryRunNeeds: 'An editor can try, an operator can replay.',
    valid: (valid: number, looked: number) =>
      `${count(valid, { other: '#' })} of ${events(looked)} would be valid now.`,
    first: (looked: number, total: number) =>
      `Only the first ${count(looked, { other: '#' })} of ${events(total)} were looked at; a replay goes through all.`,
    nothingValid: 'None would pass. Mend the cause first, then try again.',
    stay: (n: number) => `${events(n)} would stay:`,
    staying: (n: number) => count(n, { one: '# event stays:', other: '# events stay:' }),
    replay: (n: number) => `Replay ${events(n)}`,
    replayNeeds: 'An operator can replay them.',
    sureTitle: 'Replay quarantined events',
    sure: (n: number) =>
      `${count(n, { one: '# event lands', other: 'About # events land' })} again, in the open landing partition, each once. The rows here stay and say so. This cannot be taken back.`,
    yes: 'Replay',
    running: (done: number, total: number) =>
      `${count(done, { other: '#' })} of ${count(total, { other: '#' })} judged`,
    done: (n: number) =>
      count(n, { one: '# event was replayed.', other: '# events were replayed.' }),
    landed: (keys: string) => `They landed in ${keys} (UTC). Build what reads them:`,
    already: (n: number) =>
      count(n, {
        one: '# event was replayed by somebody else meanwhile.',
        other: '# events were replayed by somebody else meanwhile.',
      }),
    failed: 'The replay failed',
  },
  outcomes: { running: 'running', done: 'done', failed: 'failed' },
  result: (replayed: number, looked: number) =>
    `${count(replayed, { other: '#' })} of ${count(looked, { other: '#' })}`,
}
