import { counter } from '../plural'

const count = counter('ko')

export const activation = {
  title: '활성화',
  lead: '팩트가 세는 사람들 가운데 누가 새로 왔고, 남았고, 돌아왔고, 떠났는지 봅니다.',
  emptyTitle: '아직 팩트가 없습니다',
  emptyText: '팩트는 누가 어느 날 무엇을 했는지 말합니다. 모든 팩트를 여기서 볼 수 있습니다.',
  fact: '팩트',
  grain: '기간 단위',
  grains: { daily: '일별', weekly: '주별', monthly: '월별' },
  words: { day: '일', week: '주', month: '월' },
  dimension: '나누기',
  nothing: '없음',
  value: '값',
  all: '전체',
  from: '시작',
  to: '끝(제외)',
  at: '자세히 볼 기간',
  compare: '비교',
  compares: { period: '바로 앞 기간', year: '1년 전' },
  states: {
    New: '신규',
    Retained: '유지',
    Reactivated: '복귀',
    Inactive: '비활성',
    'Not seen before': '처음 옴',
  },
  active: '활성',
  went: '비활성이 됨',
  pulse: '펄스',
  churn: '이탈률',
  incomplete: (word: string, periods: string) =>
    `완료되지 않은 ${word}: ${periods}. 이벤트가 더 올 수 있으며 차트에 빗금으로 표시됩니다.`,
  computed: (rows: string) =>
    `이 레이어는 아직 만들어지지 않아 팩트의 ${rows}개 행에서 방금 계산했습니다. 저장하려면:`,
  ofAll: '선택한 값이 아니라 전체 사람을 셉니다.',
  earlier: (text: string) => `${text} (이전)`,
  difference: '차이',
  compared: (start: string, until: string) => `비교 대상: ${start}부터 ${until} 전까지.`,
  charts: {
    decomposition: '활성 사용자',
    pulse: '펄스',
    churn: '이탈률',
    values: '값별',
    transitions: '상태 이동',
    streaks: '연속 방문',
    intervals: '방문 간격',
    curve: '재방문 곡선',
    absences: '떠나 있음',
  },
  sentences: {
    decomposition: (_: string, word: string) =>
      `막대 하나가 한 ${word}입니다. 선 위는 활성 사용자를 바로 앞 ${word}의 상태로 나눈 것이고, 선 아래는 앞 ${word}에 활성이었으나 오지 않은 사람입니다.`,
    pulse: () =>
      '떠난 사람 한 명당 새로 오거나 돌아온 사람 수입니다. 점선 위면 오는 사람이 더 많습니다.',
    churn: (_: string, word: string) =>
      `앞 ${word}에 활성이었던 사람 가운데 이번 ${word}에 오지 않은 비율입니다.`,
    values: () => '같은 막대를 값마다 따로 그렸습니다. 눈금이 서로 다르니 모양을 비교하세요.',
    transitions: (_: string, word: string) =>
      `왼쪽에서 오른쪽으로 읽습니다. 앞 ${word}에 그 상태였던 사람이 이번 ${word}에 각 상태에 몇 명 있는지입니다.`,
    streaks: (_: string, word: string) =>
      `온 사람이 이번을 포함해 몇 ${word} 연속으로 왔는지입니다.`,
    intervals: (_: string, word: string) =>
      `다시 온 사람이 앞 방문에서 몇 ${word} 뒤에 왔는지입니다(1은 바로 다음).`,
    curve: (_: string, word: string) =>
      `방문 가운데 늦어도 그만큼의 ${word} 뒤에 다시 방문한 비율입니다. 끝나지 않은 것은 본 데까지만 셉니다.`,
    absences: (_: string, word: string) =>
      `비활성인 사람이 몇 ${word} 전에 마지막으로 왔는지입니다.`,
  },
  views: { chart: '차트', table: '표', sql: 'SQL 문', flow: '흐름' },
  csv: 'CSV 파일',
  csvOf: (chart: string) => `${chart} CSV 파일`,
  alone: (chart: string) => `이것만 보기: ${chart}`,
  every: '모든 차트',
  playground: '플레이그라운드에서 열기',
  noRows: '보여 줄 것이 없습니다.',
  notKnown: '이 기간은 알 수 없습니다.',
  before: '이전',
  after: '이후',
  length: { day: '일수', week: '주수', month: '개월수' },
  users: '사용자',
  share: '비율',
  atRisk: '볼 수 있었던 수',
  returned: '그때까지 다시 옴',
  period: '기간',
  complete: '완료',
  inactive: '전체 비활성',
  activeBefore: '앞 기간 활성',
  periods: (n: number) => count(n, { other: '기간 #개' }),
}
