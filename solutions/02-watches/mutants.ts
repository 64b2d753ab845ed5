import { edit, mutant } from '../../course/mutants.ts'

export default [
  // A
  mutant(
    'never takes a watch away',
    'thinks that to watch is to subscribe',
    edit('fire', 'leave(watches, table, path, watcher, once)', ''),
  ),
  mutant(
    'tells twice of a delete',
    'thinks that two watches are two events',
    edit('fireDeleted', ', deliver, told)', ', deliver)'),
  ),
  mutant(
    'leaves the watch of whom it need not tell',
    'skips those already told, watch and all',
    edit(
      'fire',
      'leave(watches, table, path, watcher, once)',
      'if (!alreadyTold.has(watcher)) leave(watches, table, path, watcher, once)',
    ),
  ),
  mutant(
    'tells of the list first',
    'thinks that events have no order',
    edit(
      'fireCreated',
      "  fire(watches, 'data', path, EventType.NodeCreated, deliver)\n  fire(watches, 'child', parentOf(path), EventType.NodeChildrenChanged, deliver)",
      "  fire(watches, 'child', parentOf(path), EventType.NodeChildrenChanged, deliver)\n  fire(watches, 'data', path, EventType.NodeCreated, deliver)",
    ),
  ),
  mutant(
    'tells of the parent before the node that is gone',
    'goes through the tree from above',
    edit(
      'fireDeleted',
      "  fire(watches, 'child', path, EventType.NodeDeleted, deliver, told)\n  fire(watches, 'child', parentOf(path), EventType.NodeChildrenChanged, deliver)",
      "  fire(watches, 'child', parentOf(path), EventType.NodeChildrenChanged, deliver)\n  fire(watches, 'child', path, EventType.NodeDeleted, deliver, told)",
    ),
  ),
  mutant(
    'names the child whose coming changed the list',
    'thinks that an event tells what is new',
    edit(
      'fireCreated',
      "fire(watches, 'child', parentOf(path), EventType.NodeChildrenChanged, deliver)",
      "fire(watches, 'child', parentOf(path), EventType.NodeChildrenChanged, (watcher, event) =>\n    deliver(watcher, event, path),\n  )",
    ),
  ),
  mutant(
    'does not tell those who watch the children of a node that is gone',
    'thinks that a list of children can only change',
    edit('fireDeleted', "fire(watches, 'child', path, EventType.NodeDeleted, deliver, told)", 'void told'),
  ),
  mutant(
    'takes a set for a change of the list',
    'thinks of a directory that shows times and sizes',
    edit(
      'fireChanged',
      "fire(watches, 'data', path, EventType.NodeDataChanged, deliver)",
      "fire(watches, 'data', path, EventType.NodeDataChanged, deliver)\n  fire(watches, 'child', parentOf(path), EventType.NodeChildrenChanged, deliver)",
    ),
  ),
  mutant(
    'takes the watch away after it has told',
    'thinks that nothing happens while a client is told',
    edit('fire', '    leave(watches, table, path, watcher, once)\n', ''),
    edit(
      'fire',
      'if (!alreadyTold.has(watcher)) deliver(watcher, event, path)',
      '{\n    if (!alreadyTold.has(watcher)) deliver(watcher, event, path)\n    leave(watches, table, path, watcher, once)\n  }',
    ),
  ),
  mutant(
    'keeps paths that nobody watches',
    'thinks that an empty map weighs nothing',
    edit('leave', 'if (watchers.size === 0) watches[table].delete(path)', ''),
  ),
  mutant(
    'keeps watchers that watch nothing',
    'thinks that the end of the connection will clean up',
    edit('leave', 'if (paths?.size === 0) watches.paths.delete(watcher)', ''),
  ),
  mutant(
    'forgets the other table when one watch is spent',
    'thinks of one watch for each path',
    edit('leave', 'if (other.get(path)?.has(watcher)) return', 'void other'),
  ),
  // B
  mutant(
    'forgets one table when a connection ends',
    'thinks of getData and exists when it says watch',
    edit('forgetWatcher', "leave(watches, 'child', path, watcher, everyMode)", ''),
  ),
  mutant(
    'searches everything when a connection ends',
    'thinks that connections seldom end',
    edit(
      'forgetWatcher',
      '[...(watches.paths.get(watcher) ?? [])]',
      '[...watches.data.keys(), ...watches.child.keys()]',
    ),
  ),
  mutant(
    'ends everybody who watches the same path',
    'takes the path for the watch',
    edit(
      'forgetWatcher',
      "    leave(watches, 'data', path, watcher, everyMode)\n",
      "    leave(watches, 'data', path, watcher, everyMode)\n    watches.data.delete(path)\n",
    ),
  ),
  mutant(
    'gives up both tables',
    'thinks that a path is watched or not',
    edit('modesIn', 'data: { data: once, child: 0 }', 'data: { data: once, child: once }'),
  ),
  mutant(
    "keeps what stays when asked to give up 'any'",
    "reads 'any' as 'either table'",
    edit('modesIn', 'any: { data: everyMode, child: everyMode }', 'any: { data: once, child: once }'),
  ),
  mutant(
    'gives up what stays together with what does not',
    'thinks that a watcher has one watch on a path, as in 3.8',
    edit(
      'unwatch',
      "leave(watches, 'data', path, watcher, data)",
      "leave(watches, 'data', path, watcher, data && everyMode)",
    ),
  ),
  // C
  mutant(
    'keeps the last mode only',
    'thinks that a watcher has one watch on a path, as in 3.8',
    edit('enter', '(watchers.get(watcher) ?? 0) | mode', 'mode'),
  ),
  mutant(
    'spends what stays',
    'takes all of the watcher out and not the ordinary watch',
    edit(
      'fire',
      'leave(watches, table, path, watcher, once)',
      'leave(watches, table, path, watcher, everyMode)',
    ),
  ),
  mutant(
    'watches persistently in one table',
    'thinks that the data table is the table of the node, list and all',
    edit('watchAlways', "enter(watches, 'child', path, watcher, persistent)", ''),
  ),
  mutant(
    'tells a recursive watch of lists',
    'thinks that recursive is persistent and more',
    edit(
      'watchAlways',
      "enter(watches, 'data', path, watcher, recursive)",
      "enter(watches, 'data', path, watcher, recursive)\n    enter(watches, 'child', path, watcher, persistent)",
    ),
  ),
  mutant(
    'looks one level up',
    'thinks of children when it says below',
    edit(
      'addFromAbove',
      "for (let at = path; at !== '/'; )",
      "for (let at = path; at === path && at !== '/'; )",
    ),
  ),
  mutant(
    'stops below the root',
    'ends the walk when the root is reached, not when it has been asked',
    edit('addFromAbove', '    at = parentOf(at)\n', "    at = parentOf(at)\n    if (at === '/') break\n"),
  ),
  mutant(
    'tells everybody above',
    'forgets that most who watch above watch one node',
    edit('addFromAbove', 'if ((modes & recursive) !== 0) ', ''),
  ),
  mutant(
    'tells from above by its first letters',
    'takes a prefix of a string for an ancestor',
    edit('addFromAbove', 'at = parentOf(at)', "at = at.slice(0, -1) || '/'"),
  ),
  mutant(
    'counts down what it did not count up',
    'keeps a count beside the books, and the two fall apart',
    edit('leave', 'if ((had & modes & recursive) !== 0)', 'if ((modes & recursive) !== 0)'),
  ),
  // D
  mutant(
    'tells again what was seen',
    'reads "since zxid 10" as "10 included"',
    edit('catchUp', 'node.mzxid > relativeZxid', 'node.mzxid >= relativeZxid'),
  ),
  mutant(
    'tells again of a list that was seen',
    'reads "since zxid 10" as "10 included"',
    edit('catchUp', 'node.pzxid > relativeZxid', 'node.pzxid >= relativeZxid'),
  ),
  mutant(
    'asks the data whether the list changed',
    'thinks that a new child modifies its parent',
    edit('catchUp', 'node.pzxid > relativeZxid', 'node.mzxid > relativeZxid'),
  ),
  mutant(
    'tells of a node that came only if it is new',
    'compares zxids where the question is whether the node is there',
    edit(
      'catchUp',
      'if (lookUp(path) !== undefined) deliver',
      'if ((lookUp(path)?.mzxid ?? 0n) > relativeZxid) deliver',
    ),
  ),
  mutant(
    'sets a watch that it has just told',
    'thinks that to come back is to watch again',
    edit(
      'catchUp',
      'else if (node.mzxid > relativeZxid) deliver(watcher, EventType.NodeDataChanged, path)\n    else watchOnce',
      'else if (node.mzxid > relativeZxid) deliver(watcher, EventType.NodeDataChanged, path)\n    watchOnce',
    ),
  ),
  mutant(
    'does not set again what missed nothing',
    'thinks that no news needs no answer',
    edit('catchUp', "else watchOnce(watches, 'child', path, watcher)", ''),
  ),
  mutant(
    'makes up for what watches that stay have missed',
    'believes that persistent watches miss nothing',
    edit(
      'catchUp',
      'for (const path of former.persistentWatches) watchAlways(watches, path, watcher, false)',
      'for (const path of former.persistentWatches) {\n    if ((lookUp(path)?.mzxid ?? 0n) > relativeZxid) deliver(watcher, EventType.NodeDataChanged, path)\n    watchAlways(watches, path, watcher, false)\n  }',
    ),
  ),
  mutant(
    'takes a recursive watch for a persistent one when it comes back',
    'thinks that what stays is one kind',
    edit(
      'catchUp',
      'former.persistentRecursiveWatches) watchAlways(watches, path, watcher, true)',
      'former.persistentRecursiveWatches) watchAlways(watches, path, watcher, false)',
    ),
  ),
]
