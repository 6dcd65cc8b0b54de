import { counter } from '../plural'

const count = counter('ko')

export const parts = {
  loading: '불러오는 중',
  copy: '복사',
  copied: '복사됨',
  none: '없음',
  unknown: '알 수 없음',
  yes: '예',
  no: '아니요',
  failure: {
    title: '실패했습니다',
    lost: '서버가 응답하지 않습니다',
    lostRemedy: 'Weir가 스스로 다시 시도합니다. 계속 응답이 없으면 실행 중인지 확인하세요:',
    unexpected: '콘솔에 오류가 있습니다',
    unexpectedRemedy: '페이지를 새로 고치세요. 다시 나타나면 이 내용을 복사해 이슈로 알려 주세요.',
    conflict: '그 사이에 다른 사람이 변경했습니다',
    at: (pointer: string) => `위치: ${pointer}`,
    request: (id: string) => `요청 ${id}`,
    copy: '이슈용으로 복사',
    retry: '다시 시도',
  },
  table: {
    filter: '필터',
    rows: (n: number) => count(n, { other: '#개 행' }),
    some: (n: number, total: number) =>
      `${count(total, { other: '#개 행' })} 중 ${count(n, { other: '#개' })}`,
    nothing: '필터에 맞는 행이 없습니다.',
    clear: '필터 지우기',
    save: '내보내기',
    saveHint: '보이는 행을 내보내기',
    csv: 'CSV로',
    json: 'JSON으로',
  },
  json: {
    all: (lines: number) => `${count(lines, { other: '#행' })} 모두 보기`,
    absent: (key: string) => `${key} 없음`,
    violations: '무엇이 잘못됐나',
    whole: '이벤트 전체',
    expected: (expected: string, found: string) => `기대: ${expected}, 발견: ${found}.`,
  },
  once: { only: '지금 한 번만 보입니다. 바로 복사하세요.', done: '복사했습니다' },
  sure: { no: '취소' },
  when: {
    never: '없음',
    zone: (zone: string) => `시간대 ${zone}`,
  },
  tiers: { critical: '중요', normal: '보통', bulk: '대량' },
  statuses: {
    active: '사용 중',
    draft: '초안',
    deprecated: '사용 중단 예정',
    archived: '보관됨',
  },
  grains: { hour: '시간', day: '일', week: '주', month: '월', year: '연' },
  partitions: {
    current: '최신',
    stale: '오래됨',
    missing: '없음',
    failed: '실패',
    empty: '비어 있음',
  },
  trend: (last: string, peak: string, days: number) =>
    `${count(days, { other: '#일' })} 중 마지막 날 ${last}, 최대 ${peak}`,
}
