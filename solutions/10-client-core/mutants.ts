import { edit, mutant } from '../../course/mutants.ts'

export default [
  // A
  mutant(
    'takes a timeout of 0 for a timeout',
    'thinks that an answer is a yes',
    edit('welcome', 'timeOut <= 0', 'timeOut < 0'),
  ),
  mutant(
    'keeps to the timeout that was asked for',
    'thinks that the server has agreed to what it was asked',
    edit('welcome', '  session.timeout = timeOut\n', ''),
  ),
  mutant(
    'forgets the password',
    'thinks that the id is the session',
    edit('welcome', '  session.passwd = passwd ?? none\n', ''),
  ),
  mutant(
    'asks first and introduces itself afterwards',
    'thinks that what waits has waited long enough; it is judged without the login',
    edit(
      'welcome',
      "  prime(session, out)\n  tell(session, session.isReadOnly ? 'read-only' : 'connected', out)\n",
      "  tell(session, session.isReadOnly ? 'read-only' : 'connected', out)\n",
    ),
    edit(
      'welcome',
      '  for (const call of waiting) sendCall(session, call, out)\n',
      '  for (const call of waiting) sendCall(session, call, out)\n  prime(session, out)\n',
    ),
  ),
  mutant(
    'sends what has waited on every connection again',
    'thinks of the first connection only',
    edit('welcome', '  session.waiting = []\n', ''),
  ),
  // B
  mutant(
    'finds the call by its number',
    'thinks that answers may come in any order, as with HTTP/2',
    edit(
      'answerOldest',
      '  const oldest = session.pending[0]\n',
      '  const oldest = session.pending.find(each => each.xid === xid)\n',
    ),
    edit(
      'answerOldest',
      '  session.pending.shift()\n',
      '  session.pending.splice(session.pending.indexOf(oldest), 1)\n',
    ),
  ),
  mutant(
    'believes that it is the oldest that is answered',
    'has read that answers come in order, and sees no reason to look',
    edit('answerOldest', 'oldest?.xid !== xid', 'oldest === undefined'),
  ),
  mutant(
    'watches whatever the answer',
    'thinks that asking is registering',
    edit('answerOldest', 'kindOf(wanted.by, err as Code)', 'kindOf(wanted.by, Code.OK)'),
  ),
  mutant(
    'watches only where there was no error',
    'forgets that exists may wait for what is not there',
    edit(
      'answerOldest',
      'const kind = wanted === undefined ? null',
      'const kind = wanted === undefined || err !== Code.OK ? null',
    ),
  ),
  mutant(
    'takes watches away whatever the server says',
    'thinks that a request to remove is a removal',
    edit('answerOldest', 'unwanted !== undefined && err === Code.OK', 'unwanted !== undefined'),
  ),
  mutant(
    'counts on past the largest int',
    'thinks that nobody asks two thousand million times',
    edit('sendCall', 'session.xid === maxXid ? 1 : session.xid + 1', '(session.xid + 1) | 0'),
  ),
  mutant(
    'begins again with 0',
    'thinks that a number is a number',
    edit('sendCall', 'session.xid === maxXid ? 1', 'session.xid === maxXid ? 0'),
  ),
  // C
  mutant(
    'takes its own voice for the server',
    'thinks that a connection on which one can write is alive',
    edit('keepAlive', 'now - heard >= readTimeout(session)', 'now - sent >= readTimeout(session)'),
  ),
  mutant(
    'waits for a handshake as long as for any answer',
    'forgets that there are other hosts',
    edit('keepAlive', 'now - sent >= connectTimeout(session)', 'now - sent >= readTimeout(session)'),
  ),
  mutant(
    'pings behind its goodbye',
    'thinks that a connection that stands must be kept',
    edit('keepAlive', "phase === 'serving' && now", 'now'),
  ),
  mutant(
    'pings at the last moment',
    'thinks that a ping has no way to go',
    edit('nextPing', 'Math.floor(readTimeout(session) / 2)', 'readTimeout(session)'),
  ),
  mutant(
    'lets long sessions be silent for long',
    'thinks of the server only, and not of what stands between',
    edit(
      'nextPing',
      'Math.min(half > 2 * slack ? half - slack : half, maxPingInterval)',
      '(half > 2 * slack ? half - slack : half)',
    ),
  ),
  mutant(
    'takes a second from the shortest sessions, too',
    'thinks that a second is little',
    edit('nextPing', 'half > 2 * slack ? half - slack : half', 'half - slack'),
  ),
  // D
  mutant(
    'asks again what was in flight',
    'thinks that a lost answer is a lost request: a sequential create happens twice',
    edit(
      'lose',
      '  for (const { call } of pending) if (call.id !== closeId) answer(call.id, Code.CONNECTIONLOSS, out)\n',
      '  session.waiting.unshift(...pending.map(({ call }) => call).filter(({ id }) => id !== closeId))\n',
    ),
  ),
  mutant(
    'lets fail what was never sent',
    'thinks that a loss is a loss for everybody',
    edit(
      'lose',
      '  for (const { call } of pending)',
      '  for (const call of session.waiting) answer(call.id, Code.CONNECTIONLOSS, out)\n  session.waiting = []\n  for (const { call } of pending)',
    ),
  ),
  mutant(
    'leaves the calls in flight where they are',
    'thinks that the answers will come on the next connection',
    edit('lose', '  session.pending = []\n', ''),
  ),
  mutant(
    'waits for the logins of the lost connection',
    'thinks that a queue that answers take from needs no care',
    edit('lose', '  session.unansweredLogins = []\n', ''),
  ),
  mutant(
    'looks for a server to say goodbye to',
    'thinks that a session ends by an answer only',
    edit('lose', "  if (phase === 'closing') {\n    end(session, 'closed', out)\n    return\n  }\n", ''),
  ),
  mutant(
    'looks for a server when all is over',
    'thinks that a loss always means to look for another',
    edit('lose', "  if (phase === 'over') return\n", ''),
    edit('end', "  session.phase = 'over'\n", "  session.phase = 'over'\n  session.link = null\n"),
    edit('step', 'if (input.link === session.link) lose(session, out)', 'lose(session, out)'),
  ),
  mutant(
    'begins a new session after a loss',
    'thinks that a session is a connection',
    edit('lose', '  session.link = null\n', '  session.link = null\n  session.sessionId = 0n\n'),
  ),
  mutant(
    'counts the loss of a server as a failure to reach one',
    'thinks that a loss is a failure; one host alone is not called for a while',
    edit(
      'lose',
      "  if (phase === 'serving') {\n    session.failures = 0\n    session.wake = Math.max(session.now, session.since + shortestStay)\n  } else {",
      '  {',
    ),
  ),
  mutant(
    'remembers old failures',
    'thinks that the pause grows with the life of the client',
    edit('lose', '    session.failures = 0\n', ''),
  ),
  mutant(
    'comes back at once to whoever threw it out',
    'thinks of servers that fall, and not of twins that take a session from each other',
    edit('lose', 'Math.max(session.now, session.since + shortestStay)', 'session.now'),
  ),
  mutant(
    'always waits for a second',
    'takes the least stay for a pause',
    edit('lose', 'Math.max(session.now, session.since + shortestStay)', 'session.now + shortestStay'),
  ),
  // E
  mutant(
    'hands the watches over in one request',
    'thinks that a client watches a handful of nodes',
    edit('setWatches', '      if (size + length > maxSetWatches) flush()\n', ''),
  ),
  mutant(
    'forgets the last request',
    'cuts when it is full, and is done when the loop is',
    edit('setWatches', '  flush()\n  return requests', '  return requests'),
  ),
  mutant(
    'cuts too late',
    'looks at what is there, not at what comes',
    edit('setWatches', 'if (size + length > maxSetWatches) flush()', 'if (size > maxSetWatches) flush()'),
  ),
  mutant(
    'always speaks the newest language',
    'thinks that servers are never older than clients',
    edit('setWatches', 'watches.persistent.size > 0 || watches.recursive.size > 0', 'true'),
  ),
  mutant(
    'forgets that recursive watches stay, too',
    'has looked at one of the two',
    edit(
      'setWatches',
      'watches.persistent.size > 0 || watches.recursive.size > 0',
      'watches.persistent.size > 0',
    ),
  ),
]
