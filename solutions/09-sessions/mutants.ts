import { edit, mutant } from '../../course/mutants.ts'

export default [
  // A
  mutant(
    'lets the clock into the byte of the server',
    'thinks that a clock in milliseconds fits into five bytes; it has been too long since 2004',
    edit('firstSessionId', 'BigInt.asUintN(64, BigInt(clock) << 24n) >> 8n', 'BigInt(clock) << 16n'),
  ),
  mutant(
    'leaves no room behind the clock',
    'thinks that a clock alone makes ids different: a second session in the same millisecond is another millisecond’s first',
    edit(
      'firstSessionId',
      'BigInt.asUintN(64, BigInt(clock) << 24n) >> 8n',
      'BigInt.asUintN(56, BigInt(clock))',
    ),
  ),
  mutant(
    'gives ids without a sign',
    'thinks that a long is what a bigint is',
    edit(
      'firstSessionId',
      'BigInt.asIntN(64, stamp | (BigInt(serverId) << 56n))',
      'stamp | (BigInt(serverId) << 56n)',
    ),
  ),
  mutant(
    'adds what it should put beside',
    'thinks that the server’s number comes before the clock’s own top bits',
    edit('firstSessionId', 'BigInt(clock) << 24n) >> 8n', 'BigInt(clock) << 16n)'),
  ),
  mutant(
    'counts beyond the largest id',
    'thinks that bigint turns over like a long',
    edit('nextSessionId', 'BigInt.asIntN(64, id + 1n)', 'id + 1n'),
  ),
  mutant(
    'takes the mark of a container for a session',
    'thinks that every number is an id',
    edit('nextSessionId', 'next === containerOwner ? next + 1n : next', 'next'),
  ),
  // B
  mutant(
    'writes the first byte first',
    'thinks that everything here is big-endian',
    edit('password', 'bytes[at + i] = word & 0xff', 'bytes[at + 3 - i] = word & 0xff'),
  ),
  mutant(
    'lets the dice grow',
    'thinks that bigint is modular: the state has 48 bits',
    edit('password', '(state * multiplier + increment) & mask48', 'state * multiplier + increment'),
  ),
  mutant(
    'seeds without the multiplier',
    'has read "the seed" and not what setSeed does with it',
    edit('password', '(sessionId ^ secret ^ multiplier) & mask48', '(sessionId ^ secret) & mask48'),
  ),
  mutant(
    'takes the low bits of the state',
    'thinks that any 32 of 48 bits are as good',
    edit('password', 'Number(state >> 16n)', 'Number(state & 0xffffffffn)'),
  ),
  mutant(
    'believes whoever knows the beginning',
    'compares as far as both go',
    edit(
      'isPassword',
      'passwd?.length === right.length && right.every((byte, at) => byte === passwd[at])',
      'passwd !== null && passwd.every((byte, at) => byte === right[at])',
    ),
  ),
  mutant(
    'does not see that more follows',
    'looks whether all of its own is there',
    edit(
      'isPassword',
      'passwd?.length === right.length && right.every((byte, at) => byte === passwd[at])',
      'passwd !== null && right.every((byte, at) => byte === passwd[at])',
    ),
  ),
  // C
  mutant(
    'refuses who knows as much as we do',
    'takes "not behind" for "ahead": nobody could come back to a server that is up to date',
    edit('judge', 'request.lastZxidSeen > host.lastZxid', 'request.lastZxidSeen >= host.lastZxid'),
  ),
  mutant(
    'says "expired" before it looks at what the client has seen',
    'thinks that the order of the questions is a matter of taste: a server that is behind does not know of new sessions',
    edit('judge', "  if (request.lastZxidSeen > host.lastZxid) return { type: 'refuse' }\n", ''),
    edit(
      'judge',
      "  return { type: 'renew', timeout }\n",
      "  if (request.lastZxidSeen > host.lastZxid) return { type: 'refuse' }\n  return { type: 'renew', timeout }\n",
    ),
    edit(
      'judge',
      "return { type: 'create', timeout }",
      "return request.lastZxidSeen > host.lastZxid ? { type: 'refuse' } : { type: 'create', timeout }",
    ),
  ),
  mutant(
    'believes whoever knows the id',
    'thinks that the id is the secret',
    edit('judge', "  if (!isPassword(request.sessionId, request.passwd)) return { type: 'expired' }\n", ''),
  ),
  mutant(
    'wakes the dead',
    'thinks that the password proves that the session lives: it can be computed for every id',
    edit('judge', "  if (!host.isAlive(request.sessionId)) return { type: 'expired' }\n", ''),
  ),
  mutant(
    'gives a new session to whom has lost one',
    'thinks that a new session is better than none: the client would never learn that its locks are gone',
    edit(
      'judge',
      "  if (!host.isAlive(request.sessionId)) return { type: 'expired' }\n",
      "  if (!host.isAlive(request.sessionId)) return { type: 'create', timeout }\n",
    ),
  ),
  mutant(
    'asks a new session for its password',
    'thinks that all who come must prove something',
    edit(
      'judge',
      "  if (request.sessionId === 0n) return { type: 'create', timeout }\n",
      "  if (request.sessionId === 0n && request.passwd?.length === 16) return { type: 'create', timeout }\n",
    ),
  ),
  mutant(
    'grants what is asked, if it is not too long',
    'thinks of the server’s memory, and not of its ticks',
    edit(
      'negotiate',
      'Math.min(Math.max(timeOut, host.minSessionTimeout), host.maxSessionTimeout)',
      'Math.min(timeOut, host.maxSessionTimeout)',
    ),
  ),
  mutant(
    'keeps the timeout of a session that comes back',
    'thinks that a timeout is agreed once',
    edit('judge', "return { type: 'renew', timeout }", "return { type: 'renew', timeout: request.timeOut }"),
  ),
]
