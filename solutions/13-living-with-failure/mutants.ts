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
  // E
  mutant(
    'reads before it watches',
    'thinks that there is no time between two lines; what changes there is never told',
    edit(
      'begin',
      "  out.push({ type: 'watch' })\n  ask(cache, cache.root, out)\n",
      "  ask(cache, cache.root, out)\n  out.push({ type: 'watch' })\n",
    ),
  ),
  mutant(
    'goes on with the walk of before',
    'thinks that what was read on the last connection need not be read again',
    edit('begin', '  cache.round++\n', ''),
  ),
  mutant(
    'begins with an empty cache',
    'thinks that a new beginning is clean; whoever reads meanwhile finds nothing, and all is told again',
    edit('begin', '  cache.round++\n', '  cache.round++\n  cache.held.clear()\n'),
  ),
  mutant(
    'sets a watch once in its life',
    'has read that it stays, and not where',
    edit(
      'begin',
      "  out.push({ type: 'watch' })\n",
      "  if (cache.round === 1) out.push({ type: 'watch' })\n",
    ),
  ),
  mutant(
    'waits for answers of a connection that is gone',
    'thinks that what was asked for will be answered some time',
    edit('leave', '  cache.reading.clear()\n', ''),
  ),
  mutant(
    'has to walk what it had to walk before',
    'forgets that the nodes of an old walk may be gone',
    edit('leave', '  cache.toWalk.clear()\n', ''),
  ),
  mutant(
    'takes a lost connection for a quiet one',
    'thinks that no news are good news',
    edit('leave', "  cache.phase = 'away'\n", ''),
  ),
  mutant(
    'believes every server',
    'thinks that all servers know the same',
    edit('isBehind', '  if (zxid >= cache.zxid) {', '  if (zxid >= 0n) {'),
  ),
  mutant(
    'believes only what is newer',
    'thinks that a server where nothing has happened has nothing to say',
    edit('isBehind', '  if (zxid >= cache.zxid) {', '  if (zxid > cache.zxid) {'),
  ),
  mutant(
    'forgets how new it is',
    'compares with where it began',
    edit('isBehind', '    cache.zxid = zxid\n', ''),
  ),
  mutant(
    'goes on asking a server that is behind',
    'thinks that a walk that has begun must be walked',
    edit('isBehind', '  leave(cache)\n', ''),
  ),
  // F
  mutant(
    'asks for each event',
    'thinks that an event is a change, and that each change must be read',
    edit('hear', '  if (cache.reading.has(path)) cache.reading.set(path, zxid)\n  else if (', '  if ('),
  ),
  mutant(
    'thinks that an answer on its way is new enough',
    'forgets that the answer may have left before the change',
    edit('hear', 'cache.reading.set(path, zxid)\n', '{}\n'),
  ),
  mutant(
    'remembers the first event',
    'thinks that an answer which shows one change shows all',
    edit(
      'hear',
      'cache.reading.set(path, zxid)\n',
      'cache.reading.set(path, cache.reading.get(path) ?? zxid)\n',
    ),
  ),
  mutant(
    'asks for what it knows',
    'thinks that an event is always news',
    edit('hear', '  else if (!shows(cache.held.get(path)?.node ?? null, zxid)) ask', '  else ask'),
  ),
  mutant(
    'takes -1 for an old zxid',
    'compares before it asks whether there is anything to compare',
    edit('shows', 'node === null || zxid === unknown', 'node === null'),
  ),
  mutant(
    'does not recognise the change itself',
    'writes > where a zxid is the name of one change',
    edit('shows', 'node.stat.mzxid >= zxid', 'node.stat.mzxid > zxid'),
  ),
  mutant(
    'compares with the birth of the node',
    'mixes czxid and mzxid up',
    edit('shows', 'node.stat.mzxid >= zxid', 'node.stat.czxid >= zxid'),
  ),
  mutant(
    'reads again, whatever the answer shows',
    'thinks that two reads are safer than one',
    edit('take', 'change !== null && !shows(node, change)', 'change !== null'),
  ),
  mutant(
    'takes another node of the same name for the same node',
    'thinks that a path is a node',
    edit('take', 'former.stat.czxid !== node.stat.czxid', 'former.stat.version > node.stat.version'),
  ),
  mutant(
    'holds a node without its parent',
    'thinks that answers come from the root down; events do not',
    edit('take', 'node === null || !isReachable', 'node === null'),
  ),
  mutant(
    'holds on to a node that is gone',
    'thinks that there is nothing to do where there is nothing',
    edit(
      'take',
      '    remove(cache, path, out)\n    arrive(cache, path, out)\n',
      '    arrive(cache, path, out)\n',
    ),
  ),
  mutant(
    'waits for a node that is gone',
    'forgets that "no node" is an answer, too',
    edit(
      'take',
      '    remove(cache, path, out)\n    arrive(cache, path, out)\n',
      '    remove(cache, path, out)\n',
    ),
  ),
  mutant(
    'forgets the children of a node that has none any more',
    'thinks that only a list tells who is missing',
    edit('take', '  if (node.stat.numChildren === 0) sweep(cache, path, [], out)\n', ''),
  ),
  mutant(
    'lists at every read',
    'thinks that children come with the data; they have events of their own',
    edit('take', '  if (!isFirst) return\n', ''),
  ),
  mutant(
    'lists a level too deep',
    'counts the root as the first level',
    edit('take', 'levelOf(cache, path) < cache.depth', 'levelOf(cache, path) <= cache.depth'),
  ),
  mutant(
    'asks leaves for their children',
    'does not look at what the Stat says',
    edit('take', 'node.stat.numChildren > 0 && levelOf', 'levelOf'),
  ),
  // G
  mutant(
    'does not miss anybody',
    'thinks that whoever goes says so; not to those who are away',
    edit('takeList', '    sweep(cache, path, names, out)\n', ''),
  ),
  mutant(
    'reads only children that it does not know',
    'thinks that a known node is a node as it is',
    edit('takeList', 'cache.held.get(child)?.round === cache.round', 'cache.held.has(child)'),
  ),
  mutant(
    'reads children that it has read in this walk',
    'forgets those that an event has brought',
    edit('takeList', '      if (cache.held.get(child)?.round === cache.round) continue\n', ''),
  ),
  mutant(
    'asks for children that are being read',
    'forgets that an event may have asked for them',
    edit(
      'takeList',
      '      if (!cache.reading.has(child)) ask(cache, child, out)',
      '      ask(cache, child, out)',
    ),
  ),
  mutant(
    'arrives before the children are to walk',
    'ticks a node off first, and finds that it was the last',
    edit(
      'takeList',
      '  if (names !== null && cache.held.has(path)) {\n',
      '  arrive(cache, path, out)\n  if (names !== null && cache.held.has(path)) {\n',
    ),
  ),
  mutant(
    'does not wait for the children',
    'thinks that what was asked for is known',
    edit('takeList', '      cache.toWalk.add(child)\n', ''),
  ),
  mutant(
    'takes the parent out first',
    'deletes as one draws a tree: from the top',
    edit('remove', '  for (const name of held.children) remove(cache, childOf(path, name), out)\n', ''),
    edit(
      'remove',
      "  out.push({ type: 'tell', change: { type: 'deleted', path, old: held.node } })\n",
      "  out.push({ type: 'tell', change: { type: 'deleted', path, old: held.node } })\n  for (const name of held.children) remove(cache, childOf(path, name), out)\n",
    ),
  ),
  mutant(
    'leaves what is below',
    'thinks that a node with children cannot go; it can, in small steps, while nobody looks',
    edit('remove', '  for (const name of held.children) remove(cache, childOf(path, name), out)\n', ''),
  ),
  mutant(
    'leaves the name with the parent',
    'forgets that a child is written down twice',
    edit('remove', '  cache.held.get(parentOf(path))?.children.delete(nameOf(path))\n', ''),
  ),
]
