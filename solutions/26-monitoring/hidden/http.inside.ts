/** The AdminServer's answer, worked out beside the code under test: a report that goes a part of the way loses what it inherits. */
import { answerHttp } from '#lab/admin/http.ts'
import { reportOf, settingsOf } from '../../../labs/26-monitoring/test/reports.ts'

export function monitorOfNobody(): string {
  return answerHttp('/commands/monitor', '/commands', reportOf(), settingsOf()).body
}
