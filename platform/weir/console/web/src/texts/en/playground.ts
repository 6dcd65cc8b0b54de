import { counter } from '../plural'

const count = counter('en')

export const playground = {
  title: 'Playground',
  lead: 'Ask the lake in SQL. Nothing can be changed from here.',
  editor: 'SQL',
  run: 'Run',
  running: 'Running',
  cancel: 'Cancel',
  keys: 'Ctrl-Enter runs; Ctrl-Space completes',
  limit: 'Most rows',
  caps: (rows: string, megabytes: string, seconds: string) =>
    `Read-only. At most ${rows} rows, ${megabytes} MB and ${seconds}.`,
  views: { rows: 'Rows', chart: 'Chart', plan: 'Explain', history: 'History' },
  result: 'Result',
  cut: (rows: number) =>
    `Cut: there are more rows than these ${count(rows, { other: '#' })}. Ask for more, or group.`,
  took: (rows: number, seconds: string) =>
    `${count(rows, { one: '# row', other: '# rows' })} in ${seconds}`,
  nothing: 'Nothing was run yet',
  nothingText: 'Write a query and press Ctrl-Enter, or begin with one of these:',
  noRows: 'The query returned no rows.',
  stopped: 'The query was stopped.',
  wrong: 'The query cannot be run',
  at: (line: string, column: string) => `Line ${line}, column ${column}`,
  x: 'Along',
  y: 'Up',
  kind: 'Kind',
  kinds: { bar: 'Bars', line: 'Lines' },
  noChart: 'A chart needs a column of numbers.',
  plan: 'How the engine would run it',
  history: 'What you ran in this browser',
  historyEmpty: 'What you run is kept in this browser, and nowhere else.',
  forget: 'Forget all',
  take: 'Take into the editor',
  draft: 'Save as a draft model',
  draftLead:
    'A commit in your name on a branch of its own: the file is switched off until somebody finishes it. What is checked out stays as it is.',
  name: 'Name',
  nameHint: 'snake_case, two words or more: users_bought_twice',
  description: 'What a row says',
  save: 'Save',
  saved: 'The draft is saved',
  savedText: (path: string, branch: string) => `${path} on the branch ${branch}`,
  unknown: (tables: string) => `Not known to the project, left as they are: ${tables}`,
  tables: 'Tables',
  tablesFilter: 'Find a table or column',
  insert: (table: string) => `Write ${table} into the editor`,
}
