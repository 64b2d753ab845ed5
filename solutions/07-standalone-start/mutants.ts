import { edit, mutant } from '../../course/mutants.ts'

export default [
  // A
  mutant(
    'cuts a line at every =',
    'thinks that a value has no = in it',
    edit('parseProperties', '(.*)$/s', '([^=]*)/s'),
  ),
  mutant(
    'knows only =',
    'has only ever seen files with =',
    edit('parseProperties', '[^\\\\=:\\s])*)\\s*[=:]?', '[^\\\\=])*)='),
  ),
  mutant(
    'goes on after every backslash',
    'does not ask whether the backslash itself is escaped',
    edit('goesOn', 'length % 2 === 1', 'length > 0'),
  ),
  mutant(
    'goes on after comments',
    'joins lines first and looks for comments afterwards',
    edit(
      'parseProperties',
      "if (logical === '' || logical.startsWith('#') || logical.startsWith('!')) continue",
      "if (logical === '') continue",
    ),
    edit(
      'parseProperties',
      '    const [, key, value]',
      "    if (logical.startsWith('#') || logical.startsWith('!')) continue\n    const [, key, value]",
    ),
  ),
  mutant(
    'keeps the blanks that a line goes on with',
    'thinks that going on means gluing',
    edit('parseProperties', "(lines[++at] ?? '').trimStart()", "(lines[++at] ?? '')"),
  ),
  mutant(
    'counts properties instead of lines',
    'forgets that comments are lines',
    edit('parseProperties', 'const line = at + 1', 'const line = properties.length + 1'),
  ),
  mutant(
    'tells the line in which a property ends',
    'looks at the counter when it is too late',
    edit('parseProperties', '.trim(), line })', '.trim(), line: at + 1 })'),
  ),
  mutant(
    'keeps backslashes that escape nothing',
    'wants paths of Windows to work',
    edit(
      'withoutEscapes',
      '(escapes[char] ?? char)',
      '(escapes[char] ?? (/\\w/.test(char) ? `\\\\${char}` : char))',
    ),
  ),
  mutant(
    'lets the first of a key count, by leaving the others out',
    'thinks that a parser should decide what a key means',
    edit(
      'parseProperties',
      '    properties.push(',
      '    if (!properties.some(other => other.key === key)) properties.push(',
    ),
  ),
  // B
  mutant(
    'reads as many digits as there are',
    'trusts parseInt',
    edit('readValue', '/^[+-]?\\d+$/.test(text) ? Number(text) : Number.NaN', 'Number.parseInt(text, 10)'),
  ),
  mutant(
    'reads what JavaScript reads',
    'trusts Number',
    edit('readValue', '/^[+-]?\\d+$/.test(text) ? Number(text) : Number.NaN', 'Number(text)'),
  ),
  mutant(
    'takes 0 for no answer',
    'asks whether a number is there by asking whether it is true',
    edit('readValue', 'if (instead !== undefined)', 'if (instead)'),
  ),
  mutant(
    'takes no for no answer',
    'asks whether a choice is there by asking whether it is true',
    edit(
      'readValue',
      'return value === undefined ? { fault: kind.rule } : { value }',
      'return value ? { value } : { fault: kind.rule }',
    ),
  ),
  mutant(
    'writes every choice small',
    'thinks that nobody minds capitals',
    edit('readValue', 'kind.anyCase ? text.toLowerCase() : text', 'text.toLowerCase()'),
  ),
  mutant(
    'forgets what is always there',
    'thinks that a whitelist is what the operator writes',
    edit('readValue', '[...kind.always, ...named', '[...named'),
  ),
  mutant(
    'lets the empty name in',
    'thinks that split gives names',
    edit('readValue', "named.filter(name => name !== '')", 'named'),
  ),
  mutant(
    'goes back in time',
    'thinks that nobody writes a negative length of time',
    edit('readValue', 'Math.max(0, Number(count))', 'Number(count)'),
  ),
  // C
  mutant(
    'stops at the first fault',
    'thinks that one thing at a time is enough for an operator',
    edit(
      'configOf',
      'return { errors: errors.sort((a, b) => a.line - b.line) }',
      'return { errors: errors.sort((a, b) => a.line - b.line).slice(0, 1) }',
    ),
  ),
  mutant(
    'tells faults in the order in which it finds them',
    'does not think of the person who reads',
    edit('configOf', 'errors.sort((a, b) => a.line - b.line)', 'errors'),
  ),
  mutant(
    'misses what is there and wrong',
    'asks for values where it should ask for lines',
    edit('configOf', 'places.has(sets)', 'given.has(sets)'),
  ),
  mutant(
    'looks at every line of a key',
    'does not know that the last one counts',
    edit('eachByItself', 'for (const property of last.values())', 'for (const property of properties)'),
  ),
  mutant(
    'takes the prefix for another key',
    'compares keys as they are written',
    edit('eachByItself', '[withoutPrefix(property.key), property]', '[property.key, property]'),
  ),
  mutant(
    'passes over what it does not know',
    'thinks that a line which has no effect does no harm',
    edit(
      'eachByItself',
      "if (use !== 'ensemble') lines[use].push(property)",
      "if (use === 'idle') lines[use].push(property)",
    ),
  ),
  mutant(
    'warns of lines for ensembles',
    'has never started the file that every installation comes with',
    edit(
      'eachByItself',
      "if (use !== 'ensemble') lines[use].push(property)",
      "lines[use === 'ensemble' ? 'idle' : use].push(property)",
    ),
  ),
  mutant(
    'fills in defaults in the order of the table',
    'thinks that what follows stands behind what it follows from',
    edit(
      'withDefaults',
      "if (!given.has(sets) && typeof usual !== 'function') values.set(sets, usual as Value)",
      "if (given.has(sets)) continue\n    const sofar = Object.fromEntries(values) as unknown as Settings\n    values.set(sets, typeof usual === 'function' ? usual(sofar, setting => given.has(setting)) : (usual as Value))",
    ),
    edit(
      'withDefaults',
      "if (!given.has(sets) && typeof usual === 'function') {",
      "if (!values.has(sets) && typeof usual === 'function') {",
    ),
  ),
  mutant(
    'says of every setting with a value that it was given',
    'takes a default for a line',
    edit('withDefaults', 'setting => given.has(setting)', 'setting => values.has(setting)'),
  ),
  mutant(
    'puts a default in place of no and 0',
    'takes what is false for what is missing',
    edit(
      'withDefaults',
      "if (!given.has(sets) && typeof usual !== 'function')",
      "if (!given.get(sets) && typeof usual !== 'function')",
    ),
  ),
  mutant(
    'refuses without looking at the whole',
    'thinks that good lines make a good file',
    edit(
      'configOf',
      'if (faults.length > 0) return { errors: faults }',
      'if (faults.length > 9) return { errors: faults }',
    ),
  ),
  // D
  mutant(
    'starts from an empty tree',
    'thinks that storage fills the machine',
    edit('load', 'standaloneMachine({ ...options, recovered })', 'standaloneMachine(options)'),
  ),
  mutant(
    'lets the sessions of before die',
    'thinks that a session is a connection',
    edit(
      'load',
      'standaloneMachine({ ...options, recovered })',
      'standaloneMachine({ ...options, recovered: { ...recovered, sessions: new Map() } })',
    ),
  ),
  mutant(
    'begins a new count of zxids',
    'thinks that the tree is all there is to recover',
    edit(
      'load',
      'standaloneMachine({ ...options, recovered })',
      'standaloneMachine({ ...options, recovered: { ...recovered, lastZxid: 0n } })',
    ),
  ),
  mutant(
    'says nothing of a snapshot that was passed over',
    'thinks that what went well need not be told',
    edit('load', "for (const what of recovered.passedOver) report({ type: 'passed over', what })", ''),
  ),
  mutant(
    'listens while the folder is being made fit',
    'thinks that to open files takes no time',
    edit(
      'startStandalone',
      'if (error === undefined) listen()\n      else fail(',
      'if (error !== undefined) fail(',
    ),
    edit(
      'startStandalone',
      '  // #endregion\n  return { stop }',
      '  listen()\n  // #endregion\n  return { stop }',
    ),
  ),
  mutant(
    'purges before it knows what the files are worth',
    'starts the purge first, as Apache does',
    edit(
      'load',
      'const files = storage(',
      'autopurge(world.clock, disks, { every: settings.purgeInterval, keep: settings.snapRetainCount }, () => {})\n  const files = storage(',
    ),
  ),
  mutant(
    'purges while it waits for the port',
    'thinks that a purge has nothing to do with the port',
    edit(
      'startStandalone',
      'ready(result) {',
      "ready(result) {\n        if (purging === null) purging = autopurge(world.clock, disks, { every: settings.purgeInterval, keep: settings.snapRetainCount }, purged => options.report({ type: 'purged', ...purged }))",
    ),
  ),
  mutant(
    'never takes the snapshot after a start',
    'thinks that the log will do',
    edit('startStandalone', '        files.serving()\n', ''),
  ),
  mutant(
    'ticks once a tick',
    'thinks that a unit of time is its own measure',
    edit('startStandalone', 'Math.ceil(settings.tickTime / 2)', 'settings.tickTime'),
  ),
  mutant(
    'keeps the log nowhere',
    'thinks that the machine writes it',
    edit('startStandalone', '      log: timed(files.log, world.clock, metrics.summaries.fsynctime),\n', ''),
  ),
  mutant(
    'says that it is ready before it is',
    'thinks that to ask for a port is to have it',
    edit(
      'startStandalone',
      'driver = drive(world, {',
      "options.ready({ addresses: { client: { host: '', port: settings.clientPort } }, recovered: files.recovered, machine })\n    driver = drive(world, {",
    ),
    edit(
      'startStandalone',
      '        options.ready({ addresses: result.addresses, recovered: files.recovered, machine })\n',
      '',
    ),
  ),
  // E
  mutant(
    'leaves the purge running',
    'forgets what it cannot see',
    edit('startStandalone', '    purging?.stop()\n', ''),
  ),
  mutant(
    'leaves the port open when the log fails',
    'thinks that to tell is to end',
    edit('startStandalone', '    stop()\n    options.failed', '    isOver = true\n    options.failed'),
  ),
  mutant(
    'does not answer a stop that comes early',
    'thinks that there is always a driver to stop',
    edit('startStandalone', 'else if (done !== undefined) world.clock.soon(done)', ''),
  ),
  mutant(
    'starts although it was stopped',
    'does not look again when an answer comes late',
    edit(
      'startStandalone',
      '      if (isOver) return\n      if (error === undefined) listen()',
      '      if (error === undefined) listen()',
    ),
  ),
  mutant(
    'tells of a failure after a stop',
    'thinks that a failure is always news',
    edit('startStandalone', 'if (isOver) return\n    stop()', 'stop()'),
  ),
]
