import { edit, mutant } from '../../course/mutants.ts'

export default [
  // A
  mutant(
    'does not know the star',
    'thinks that a whitelist is only a list',
    edit('answerWord', "!settings.words.has('*') && ", ''),
  ),
  mutant(
    'lets everyone ask',
    'thinks that a word that is known may be asked',
    edit(
      'answerWord',
      "if (!settings.words.has('*') && !settings.words.has(word)) {",
      'if (!answers.has(word)) {',
    ),
  ),
  mutant(
    'resets nothing',
    'thinks that the text is all of an answer',
    edit('answerWord', 'reset === undefined ? { text } : { text, reset }', '{ text }'),
  ),
  mutant(
    'divides by zero',
    'forgets the server that nobody has talked to',
    edit('statistics', 'requests === 0 ? 0 : latency / requests', 'latency / requests'),
  ),
  mutant(
    'takes four decimals for exactly four',
    'reads toFixed as DecimalFormat',
    edit(
      'decimals',
      "  const text = String(Math.round(value * 10_000) / 10_000)\n  return text.includes('.') ? text : `${text}.0`",
      '  return value === 0 ? "0.0" : value.toFixed(4)',
    ),
  ),
  mutant(
    'cuts decimals off',
    'thinks that rounding does not matter',
    edit('decimals', 'Math.round', 'Math.floor'),
  ),
  mutant(
    'counts the root once',
    'trusts a tree more than what operators compare',
    edit('statistics', 'shownNodes(report)', 'report.nodes'),
  ),
  mutant(
    'counts the list of clients',
    'takes a part of a report to be free',
    edit('statistics', 'Connections: ${connections}', 'Connections: ${report.clients.length}'),
  ),
  // B
  mutant(
    'waits for more from everybody',
    'takes [1] for decoration',
    edit('clientLine', 'isAsking ? 0 : 1', '1'),
  ),
  mutant(
    'leaves out the number 0',
    'tests a number for truth',
    edit('clientLine', 'last.xid >= 0', 'last.xid > 0'),
  ),
  mutant(
    'shows ids with a sign',
    'takes a session id for a number that counts',
    edit('clientLine', 'sid=${hex(session.id)}', 'sid=0x${session.id.toString(16)}'),
  ),
  mutant(
    'gives decimals to avglat',
    'thinks that all means look alike',
    edit('clientLine', 'Math.floor(session.averageLatency)', 'session.averageLatency'),
  ),
  mutant(
    'tells all in stat',
    'thinks that more is better',
    edit('clientLine', 'isLong && session !== null', 'session !== null'),
  ),
  mutant(
    'joins clients and figures',
    'takes an empty line for nothing',
    edit('stat', 'Clients:\\n${clients}\\n', 'Clients:\\n${clients}'),
  ),
  // C
  mutant(
    'counts watches as connections',
    'thinks that who watches twice is two',
    edit('countDataWatches', 'connections: sessions.size', 'connections: total'),
  ),
  mutant(
    'remembers one path of each session',
    'thinks that a map collects',
    edit('pathsOfSessions', 'else paths.push(path)', 'else turned.set(session, [path])'),
  ),
  mutant(
    'sorts the report',
    'thinks that sort makes a new list',
    edit('dump', '[...report.clients].sort', '(report.clients as never[]).sort'),
  ),
  mutant(
    'dumps in the order of arrival',
    'thinks that groups sort themselves',
    edit('dump', '.sort((a, b) => a.expires - b.expires)', ''),
  ),
  mutant(
    'counts the sessions in buckets',
    'thinks that every session is in a bucket',
    edit('dump', '(${report.sessions})', '(${expiry.flatMap(([, members]) => members).length})'),
  ),
  // D
  mutant('parts by a blank', 'takes a tab for white space', edit('mntr', '}\\t${', '} ${')),
  mutant(
    'forgets the counters',
    'thinks that what a server is, is all',
    edit('figures', '    ...Object.entries(counters),\n', ''),
  ),
  mutant(
    'takes per mille for per cent',
    'reads p999 as p99 with a 9 more',
    edit('figuresOf', 'percentile(summary, 0.999)', 'percentile(summary, 0.99)'),
  ),
  mutant(
    'shows percentiles of nothing',
    'thinks that a number is always better than none',
    edit('figuresOf', 'if (often === null) return five\n', ''),
  ),
  mutant(
    'shows means as they are',
    'forgets that a float may be whole',
    edit('mntr', 'hasDecimals(name) ? decimals(Number(value)) : value', 'value'),
  ),
]
