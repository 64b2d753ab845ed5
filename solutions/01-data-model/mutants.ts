import { edit, mutant } from '../../course/mutants.ts'

export default [
  // A
  mutant(
    'shows cversion as it is stored',
    'thinks that the field of the Stat is the field of the node',
    edit('statOf', '(node.cversion * 2 - numChildren) | 0', 'node.cversion'),
  ),
  mutant(
    'takes cversion for the number of children',
    'reads "child version" as "child count"',
    edit('statOf', '(node.cversion * 2 - numChildren) | 0', 'numChildren'),
  ),
  mutant(
    'shows a cversion wider than 32 bits',
    'forgets that an int ends, because a JavaScript number does not',
    edit('statOf', ' | 0', ''),
  ),
  mutant(
    'shows the raw owner of containers',
    'thinks that ephemeralOwner is 0 or a session',
    edit('statOf', 'isEphemeral(node.ephemeralOwner) ? node.ephemeralOwner : 0n', 'node.ephemeralOwner'),
  ),
  mutant(
    'is born without a pzxid',
    'thinks that no child means no pzxid',
    edit('createNode', 'pzxid: zxid,', 'pzxid: 0n,'),
  ),
  mutant(
    'takes null data for empty data',
    'thinks that null is just a way to write nothing',
    edit('createNode', 'data: birth.data,', 'data: birth.data ?? new Uint8Array(0),'),
  ),
  mutant(
    'overwrites a node that exists',
    'trusts the check before: nobody can create twice',
    edit('createNode', "if (tree.nodes.has(path)) throw new KeeperError('NODEEXISTS', path)", ''),
  ),
  mutant(
    'counts a create before it knows that it can be done',
    'updates the parent first, because it is at hand',
    edit(
      'createNode',
      "if (tree.nodes.has(path)) throw new KeeperError('NODEEXISTS', path)",
      "countCreate(tree, parentOf(path), birth.parentCVersion, stamp.zxid)\n  if (tree.nodes.has(path)) throw new KeeperError('NODEEXISTS', path)",
    ),
  ),
  mutant(
    'treats a new child as a change of the parent',
    'thinks of a directory, whose modification time moves with its entries',
    edit(
      'createNode',
      'parent.children.add(nameOf(path))',
      'parent.mzxid = zxid\n  parent.mtime = time\n  parent.children.add(nameOf(path))',
    ),
  ),
  mutant(
    'increments the cversion',
    'thinks that each create comes once, so that counting it is enough',
    edit('countCreate', 'node.cversion = cversion', 'node.cversion++'),
  ),
  mutant(
    'sets the counters back',
    'thinks that the last transaction applied is the latest one',
    edit('countCreate', 'if (ahead <= 0) return', ''),
  ),
  mutant(
    'counts the same create twice',
    'lets "not behind" pass for "ahead"',
    edit('countCreate', 'ahead <= 0', 'ahead < 0'),
  ),
  mutant(
    'stops counting at 2147483647',
    'compares two numbers that wrap as if they did not',
    edit('countCreate', '(cversion - node.cversion) | 0', 'cversion - node.cversion'),
  ),
  // B
  mutant(
    'counts deletes in the stored cversion',
    'believes the popular error that cversion counts changes of the children',
    edit(
      'deleteNode',
      'if (zxid > parent.pzxid) parent.pzxid = zxid',
      'if (zxid > parent.pzxid) parent.pzxid = zxid\n  parent.cversion++',
    ),
  ),
  mutant(
    'forgets pzxid on a delete',
    'reads "p" as the zxid that produced the last child',
    edit('deleteNode', 'if (zxid > parent.pzxid) parent.pzxid = zxid', ''),
  ),
  mutant(
    'takes pzxid back in a replay',
    'thinks that a delete that comes later is later',
    edit('deleteNode', 'if (zxid > parent.pzxid) parent.pzxid = zxid', 'parent.pzxid = zxid'),
  ),
  mutant(
    'moves pzxid only when the child was there',
    'thinks that nothing was deleted, so nothing happened',
    edit(
      'deleteNode',
      'if (zxid > parent.pzxid) parent.pzxid = zxid\n  nodeOrThrow(tree, path)',
      'nodeOrThrow(tree, path)\n  if (zxid > parent.pzxid) parent.pzxid = zxid',
    ),
  ),
  mutant(
    'leaves the name with the parent',
    'thinks that the map of paths is all there is',
    edit('deleteNode', 'parent.children.delete(nameOf(path))', ''),
  ),
  mutant(
    'leaves grandchildren behind',
    'thinks that a node without a parent is as good as gone',
    edit('deleteNode', 'for (const child of node.children) doomed.push(`${each}/${child}`)', ''),
  ),
  mutant(
    'goes one level deep',
    'deletes the children and forgets that they may have some',
    edit(
      'deleteNode',
      'for (const child of node.children)',
      'if (each === path) for (const child of node.children)',
    ),
  ),
  mutant(
    'deletes whatever begins like the path',
    'takes a prefix of a string for a parent of a node',
    edit(
      'deleteNode',
      'const doomed = [path]',
      'const doomed = [...tree.nodes.keys()].filter(each => each.startsWith(path))',
    ),
    edit('deleteNode', 'for (const child of node.children) doomed.push(`${each}/${child}`)', ''),
  ),
  // C
  mutant(
    'counts a setACL as a version of the data',
    'thinks that a node has one version',
    edit('setACL', 'node.aversion = aversion', 'node.version = aversion'),
  ),
  mutant('forgets mtime', 'thinks that mzxid says it all', edit('setData', 'node.mtime = time', '')),
  mutant(
    'takes pzxid for the last change of any kind',
    'reads pzxid as "previous zxid"',
    edit('setData', 'node.mzxid = zxid', 'node.mzxid = zxid\n  node.pzxid = zxid'),
  ),
  mutant(
    'counts versions itself',
    'thinks that a transaction is an order to add one',
    edit('setData', 'node.version = version', 'node.version++'),
  ),
  mutant(
    'counts through -1',
    'forgets what -1 means in a request',
    edit('nextVersion', 'version === -2 ? 0 : (version + 1) | 0', '(version + 1) | 0'),
  ),
  mutant(
    'counts beyond 32 bits',
    'forgets that an int ends, because a JavaScript number does not',
    edit('nextVersion', '(version + 1) | 0', 'version + 1'),
  ),
  // D
  mutant(
    'numbers by the children that are there',
    'believes the popular error that a sequence number is a count of children',
    edit('nextSequence', 'nodeOrThrow(tree, parent).cversion', 'childCountOf(tree, parent)'),
  ),
  mutant(
    'numbers by the cversion that clients see',
    'thinks that there is one cversion',
    edit('nextSequence', 'nodeOrThrow(tree, parent).cversion', 'statOf(tree, parent).cversion'),
  ),
  mutant(
    'writes negative numbers with the sign inside',
    'pads first and thinks of the sign never',
    edit(
      'sequenceSuffix',
      "sequence < 0 ? `-${String(-sequence).padStart(9, '0')}` : String(sequence).padStart(10, '0')",
      "String(sequence).padStart(10, '0')",
    ),
  ),
  mutant(
    'keeps only the newest node of a session',
    'thinks of one lock, one node, one session',
    edit('remember', 'else paths.add(path)', 'else tree.ephemerals.set(session, new Set([path]))'),
  ),
  mutant(
    'keeps sessions that own nothing',
    'thinks that an empty set weighs nothing',
    edit('forget', 'if (paths.size === 0) tree.ephemerals.delete(session)', ''),
  ),
  mutant(
    'forgets the session with its first node',
    'thinks that a delete of an ephemeral node is the end of its session',
    edit(
      'forget',
      'if (paths.size === 0) tree.ephemerals.delete(session)',
      'tree.ephemerals.delete(session)',
    ),
  ),
  mutant(
    'leaves deleted nodes in the index',
    'thinks that only the end of a session deletes ephemeral nodes',
    edit('deleteNode', 'if (isEphemeral(node.ephemeralOwner)) forget(tree, each, node.ephemeralOwner)', ''),
  ),
  mutant(
    'searches the tree for the nodes of a session',
    'thinks of the index as something that only makes things faster',
    edit(
      'ephemeralsOf',
      '[...(tree.ephemerals.get(session) ?? [])]',
      '[...tree.nodes].filter(([, node]) => node.ephemeralOwner === session).map(([path]) => path)',
    ),
  ),
  mutant(
    'hands out the index itself',
    'thinks that a copy is a waste',
    edit(
      'ephemeralsOf',
      '[...(tree.ephemerals.get(session) ?? [])]',
      '(tree.ephemerals.get(session) ?? []) as unknown as string[]',
    ),
  ),
]
