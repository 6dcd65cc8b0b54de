/** A failure that only says that something is not built yet teaches the step; others are told as they are. */
import { Refused } from '../api/errors'
import { Empty } from './Empty'
import { Failure } from './Failure'

export function Unready({ error, retry }: { error: Error; retry: () => void }) {
  if (error instanceof Refused && error.refusal.code === 'not_ready') {
    return <Empty title={error.refusal.message} text={error.refusal.remedy} command="weir run" />
  }
  return <Failure error={error} retry={retry} />
}
