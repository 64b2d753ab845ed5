import { expect, test } from 'vitest'
import { logOf } from '../../bin/log.ts'

function logged(args: string[], isTerminal: boolean): string[] {
  const lines: string[] = []
  const opened = logOf(args, isTerminal, line => lines.push(line))
  if ('error' in opened) return [opened.error]
  opened.log('info', 'a client\nleft', { session: '0x1' })
  opened.log('warn', 'the disk is slow')
  return lines.map(line => line.replace(/\d{4}-\d\d-\d\dT\S+?Z/, 'NOW'))
}

test('in a terminal a message is a line of text, elsewhere one of JSON', () => {
  expect(logged([], true)).toEqual(['NOW a client left\n', 'NOW the disk is slow\n'])
  expect(logged([], false)).toEqual([
    '{"time":"NOW","level":"info","message":"a client left","session":"0x1"}\n',
    '{"time":"NOW","level":"warn","message":"the disk is slow"}\n',
  ])
})

test('an operator chooses the format, and the least level that is told', () => {
  expect(logged(['--log-level=warn', '--log-format=text'], false)).toEqual(['NOW the disk is slow\n'])
  expect(logged(['--log-level=loud'], true)).toEqual(['--log-level=loud: must be one of info, warn, error'])
})

test('all other arguments are left alone', () => {
  const opened = logOf(['zoo.cfg', '--log-level=error', '5'], true, () => {})
  expect(opened).toMatchObject({ rest: ['zoo.cfg', '5'] })
})
