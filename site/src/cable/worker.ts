import { answerWith } from '../own/worker.ts'
import { play } from './play.ts'

answerWith(play)
