import { answerWith } from '../own/worker.ts'
import { examine } from './log.ts'

answerWith(examine)
