import { edit, mutant } from '../../course/mutants.ts'

export default [
  // A
  mutant(
    'tries again whatever it was',
    'thinks that errors are bad luck; a refusal is an answer, and will be the same',
    edit('pauseBefore', '!isWorthIt || retries', 'retries'),
  ),
  mutant(
    'takes an expired session for a lost connection',
    'thinks that a session comes back',
    edit('pauseBefore', '(code === Code.SESSIONEXPIRED && isNewSession)', 'code === Code.SESSIONEXPIRED'),
  ),
  mutant(
    'gives up when the session is over',
    'thinks that there is one session in the life of a program',
    edit('pauseBefore', ' || (code === Code.SESSIONEXPIRED && isNewSession)', ''),
  ),
  mutant(
    'leaves out a session that has moved',
    'has read of lost connections only',
    edit('pauseBefore', ' || code === Code.SESSIONMOVED', ''),
  ),
  mutant(
    'tries once more than it may',
    'counts attempts where retries are counted',
    edit('pauseBefore', 'retries >= policy.times', 'retries > policy.times'),
  ),
  mutant(
    'does not count the pause',
    'looks at the clock before it sleeps, and not at the time at which it will wake',
    edit('pauseBefore', 'elapsed + pause < policy.within', 'elapsed < policy.within'),
  ),
  mutant(
    'begins an attempt when time is up',
    'takes the end for a part of the time',
    edit('pauseBefore', 'elapsed + pause < policy.within', 'elapsed + pause <= policy.within'),
  ),
  mutant(
    'doubles without luck',
    'thinks that growing is enough; then all who failed together come back together',
    edit('pauseBefore', '1 + Math.floor(luck * most)', 'most'),
  ),
  mutant(
    'may come back at once',
    'forgets the 1 in front of the dice',
    edit('pauseBefore', '1 + Math.floor(luck * most)', 'Math.floor(luck * (most + 1))'),
  ),
  mutant(
    'shifts bits',
    'writes 2 ** n as 1 << n, which is negative for 31, and 1 for 32',
    edit('pauseBefore', '2 ** Math.min(retries + 1, mostDoublings) - 1', '(1 << (retries + 1)) - 1'),
  ),
  mutant(
    'doubles for ever',
    'thinks that numbers are large enough',
    edit('pauseBefore', 'Math.min(retries + 1, mostDoublings)', '(retries + 1)'),
  ),
  mutant(
    'bounds growing pauses only',
    'thinks that whoever asks for a steady pause has said how long',
    edit(
      'pauseBefore',
      'const pause = Math.min(drawn, policy.longest)',
      'const pause = policy.isGrowing ? Math.min(drawn, policy.longest) : drawn',
    ),
  ),
  // B
  mutant(
    'is connected for the first time, every time',
    'thinks that a server is a server; who holds a lock must look whether it still does',
    edit('notice', "connection.wasConnected ? 'RECONNECTED' : 'CONNECTED'", "'CONNECTED'"),
  ),
  mutant(
    'takes a server that reads for a first server',
    'thinks that it has been connected',
    edit(
      'notice',
      "      tell(connection, 'READ_ONLY', out)\n",
      "      connection.wasConnected = true\n      tell(connection, 'READ_ONLY', out)\n",
    ),
  ),
  mutant(
    'lets the time run on under a server that only reads',
    'thinks that a server that cannot write is none',
    edit(
      'notice',
      "    case 'read-only':\n      connection.timeout = input.timeout\n      connection.lostAt = null\n",
      "    case 'read-only':\n      connection.timeout = input.timeout\n",
    ),
  ),
  mutant(
    'lets the time run on when the server is back',
    'stops a timer that it never had in mind',
    edit(
      'notice',
      "    case 'connected':\n      connection.timeout = input.timeout\n      connection.lostAt = null\n",
      "    case 'connected':\n      connection.timeout = input.timeout\n",
    ),
  ),
  mutant(
    'keeps to the first timeout',
    'thinks that it was agreed once and for all',
    edit(
      'notice',
      "    case 'connected':\n      connection.timeout = input.timeout\n",
      "    case 'connected':\n      if (connection.timeout === 0) connection.timeout = input.timeout\n",
    ),
  ),
  mutant(
    'begins to wait anew with each attempt',
    'thinks that a client that is looking is alive',
    edit('notice', ' || lostAt !== null) return', ') return'),
  ),
  mutant(
    'doubts a session that there never was',
    'forgets the time before the first server',
    edit('notice', "connection.told === null || connection.told === 'LOST'", "connection.told === 'LOST'"),
  ),
  mutant(
    'doubts a session that is lost',
    'thinks that every way down begins with SUSPENDED',
    edit('notice', "connection.told === null || connection.told === 'LOST'", 'connection.told === null'),
  ),
  mutant(
    'waits a moment longer',
    'thinks that a timeout is over when it has passed, and not when it is reached',
    edit('notice', 'input.now >= lostAt', 'input.now > lostAt'),
  ),
  mutant(
    'loses what it has lost',
    'leaves the timer behind',
    edit('lose', '  connection.lostAt = null\n', ''),
  ),
  mutant(
    'begins the next session before it says that the last is over',
    'thinks that order is a matter of taste; who holds a lock goes on working meanwhile',
    edit(
      'lose',
      "  tell(connection, 'LOST', out)\n  out.push({ type: 'renew' })\n",
      "  out.push({ type: 'renew' })\n  tell(connection, 'LOST', out)\n",
    ),
  ),
  mutant(
    'logs in again with what was refused',
    'thinks that a new session makes everything good',
    edit(
      'notice',
      "    case 'auth failed':\n      connection.lostAt = null\n      tell(connection, 'LOST', out)\n",
      "    case 'auth failed':\n      lose(connection, out)\n",
    ),
  ),
  mutant(
    'loses a session that was closed',
    'forgets the timer of somebody who has gone',
    edit(
      'notice',
      "    case 'closed':\n      connection.lostAt = null\n",
      "    case 'closed':\n      return\n",
    ),
  ),
  // C
  mutant(
    'puts the mark in front of the path',
    'takes a path for a name',
    edit(
      'protectedPath',
      'return `${path.slice(0, path.length - name.length)}${markOf(id)}${name}`',
      'return path === `/${name}` ? `/${markOf(id)}${name}` : path.replace(name, `${markOf(id)}${name}`)',
    ),
  ),
  mutant(
    'takes everything for a mark that begins like one',
    'looks at the first three letters',
    edit(
      'plainPath',
      "name.replace(anyMark, '')",
      "name.replace(/^_c_[^-]*-/, '').replace(/^([\\da-f]{4}-){3}[\\da-f]{12}-/, '')",
    ),
  ),
  mutant(
    'leaves no name at all',
    'thinks that a mark is always in front of something',
    edit('plainPath', "plain === '' ? path : ", ''),
  ),
  mutant(
    'finds the id anywhere in the name',
    'thinks that an id is enough; somebody else may put it where he likes',
    edit('recognise', 'each.startsWith(markOf(id))', 'each.includes(id)'),
  ),
  mutant(
    'compares what it knows of the name',
    'forgets that the id of another may begin like this one',
    edit('recognise', 'markOf(id)', '`_c_${id}`'),
  ),
  mutant(
    'takes a ghost for its own',
    'thinks that an id says it all: the node goes with its session, and the lock with it',
    edit('recognise', "isEphemeral && !isSameSession ? 'ghost' : 'ours'", "'ours'"),
  ),
  mutant(
    'sees ghosts everywhere',
    'thinks that whatever an old session has made goes with it',
    edit('recognise', 'isEphemeral && !isSameSession', '!isSameSession'),
  ),
  // D
  mutant(
    'takes NONODE for a refusal',
    'thinks that a repeated delete finds what the first has left',
    edit('judge', "refusal === Code.NONODE ? 'done' : 'refused'", "'refused'"),
  ),
  mutant(
    'takes whatever is there for its own',
    'has learned that NODEEXISTS after a loss is good news',
    edit(
      'judge',
      "isSame(found.data, write.data) ? 'done' : 'refused'\n    case 'set'",
      "'done'\n    case 'set'",
    ),
  ),
  mutant(
    'asks the data of an ephemeral node',
    'thinks that data is what tells nodes apart; two candidates may say the same',
    edit(
      'judge',
      "write.isEphemeral && found.owner === session ? 'done' : 'refused'",
      "write.isEphemeral && isSame(found.data, write.data) ? 'done' : 'refused'",
    ),
  ),
  mutant(
    'takes any ephemeral node for ours',
    'thinks that whoever owns it is the one who asks',
    edit('judge', 'write.isEphemeral && found.owner === session', 'write.isEphemeral && found.owner !== 0n'),
  ),
  mutant(
    'overlooks that somebody has set it since',
    'thinks that what is there now was there from the beginning',
    edit('judge', "      if (found.version > 0) return 'unknown'\n", ''),
  ),
  mutant(
    'knows too much of a node that has gone',
    'thinks that what is not there was not made',
    edit(
      'judge',
      "if (found === null) return 'unknown'\n      if (write",
      "if (found === null) return 'refused'\n      if (write",
    ),
  ),
  mutant(
    'takes a set of a missing node for a refusal',
    'forgets that it may have been deleted after it was set',
    edit(
      'judge',
      "if (refusal === Code.NONODE) return 'unknown'",
      "if (refusal === Code.NONODE) return 'refused'",
    ),
  ),
  mutant(
    'takes every later version for its own',
    'thinks that versions only tell that time goes by',
    edit('judge', 'found.version !== write.version + 1', 'found.version <= write.version'),
  ),
  mutant(
    'takes BADVERSION for a refusal',
    'thinks that an error is an error; the first attempt may be the reason for it',
    edit('judge', "if (refusal !== Code.BADVERSION) return 'refused'", "return 'refused'"),
  ),
  mutant(
    'does not look at the data',
    'thinks that the next version is always the one that was asked for',
    edit(
      'judge',
      "      return isSame(found.data, write.data) ? 'done' : 'refused'\n  }",
      "      return 'done'\n  }",
    ),
  ),
]
