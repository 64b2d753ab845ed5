import { edit, mutant } from '../../course/mutants.ts'

export default [
  // A
  mutant(
    'answers every error',
    "thinks that whatever goes wrong is the request's fault: a bug becomes a SYSTEMERROR in the log of all servers",
    edit(
      'prepare',
      'return errorTxn(keeperCode(error))',
      'return errorTxn((error as { code?: number }).code ?? -1)',
    ),
  ),
  mutant(
    'says which version was',
    'thinks that a transaction is a request that has been granted',
    edit(
      'Judge.#setData',
      'record: { path, data, version: newVersion }',
      'record: { path, data, version: node.version }',
    ),
  ),
  mutant(
    'does not tell those who come next of new data',
    'thinks that the tree will know soon enough',
    edit('Judge.#setData', '    this.#change(path, { ...node, version: newVersion })\n', ''),
  ),
  mutant(
    'does not tell those who come next of a new list',
    'thinks of versions, and forgets what else a judgement depends on',
    edit('Judge.#setAcl', '{ ...node, acl, aversion: newVersion }', '{ ...node, aversion: newVersion }'),
  ),
  mutant(
    'compares a list with the version of the data',
    'thinks that a node has one version',
    edit(
      'Judge.#setAcl',
      'checkVersion(node.aversion, version, path)',
      'checkVersion(node.version, version, path)',
    ),
  ),
  mutant(
    'looks at the version before the permission',
    'thinks that the order of checks is a matter of taste: who may not write learns the version',
    edit(
      'Judge.#setData',
      '    this.#checkAccess(node, Perms.WRITE)\n    checkVersion(node.version, version, path)',
      '    checkVersion(node.version, version, path)\n    this.#checkAccess(node, Perms.WRITE)',
    ),
  ),
  mutant(
    'looks for the node before the list',
    'checks what is dear last',
    edit(
      'Judge.#setAcl',
      '    const acl = resolveAcl(asked, this.#requester.identities, this.#situation.schemes)\n    const node = this.#factsOf(path)',
      '    const node = this.#factsOf(path)\n    const acl = resolveAcl(asked, this.#requester.identities, this.#situation.schemes)',
    ),
  ),
  mutant(
    'takes every negative version for any',
    'tries it with -1',
    edit('checkVersion', 'expected !== -1', 'expected >= 0'),
  ),
  mutant(
    'counts versions without an end',
    'forgets that a version is an int',
    edit('Judge.#setData', 'nextVersion(node.version)', 'node.version + 1'),
  ),
  // B
  mutant(
    'checks the path before the parent',
    'puts what is cheap first',
    edit(
      'Judge.#create',
      "throw new KeeperError('BADARGUMENTS', asked)",
      "throw new KeeperError('BADARGUMENTS', asked)\n    checkPath(asked)",
    ),
  ),
  mutant(
    'finds out first that it is there',
    'asks for the permission last',
    edit(
      'Judge.#create',
      '    this.#checkAccess(parent, Perms.CREATE)',
      "    if (factsOf(this.#outstanding, asked) !== null) throw new KeeperError('NODEEXISTS', asked)\n    this.#checkAccess(parent, Perms.CREATE)",
    ),
  ),
  mutant(
    'does not tell those who come next of the child',
    'records the node and forgets what it means for its parent',
    edit(
      'Judge.#create',
      '    this.#change(parentPath, { ...parent, cversion: parentCVersion, childCount: parent.childCount + 1 })\n',
      '',
    ),
  ),
  mutant(
    'counts the child and not the create',
    'takes the two numbers for one',
    edit(
      'Judge.#create',
      '{ ...parent, cversion: parentCVersion, childCount: parent.childCount + 1 }',
      '{ ...parent, childCount: parent.childCount + 1 }',
    ),
  ),
  mutant(
    'numbers a node by the children that are there',
    'thinks that the number counts nodes: after a delete it comes back',
    edit('Judge.#create', 'sequenceSuffix(parent.cversion)', 'sequenceSuffix(parent.childCount)'),
  ),
  mutant(
    'counts creates without an end',
    'forgets that the count is an int',
    edit('Judge.#create', '(parent.cversion + 1) | 0', 'parent.cversion + 1'),
  ),
  mutant(
    'lets nobody own a node',
    "thinks that the owner is the tree's business: who asks before it is applied sees a plain node",
    edit('Judge.#create', 'ephemeralOwner: owner, childCount: 0 }', 'ephemeralOwner: 0n, childCount: 0 }'),
  ),
  mutant(
    'takes whatever has an owner for ephemeral',
    'forgets containers, and nodes with a time to live',
    edit('Judge.#create', 'isEphemeral(parent.ephemeralOwner)', 'parent.ephemeralOwner !== 0n'),
  ),
  mutant(
    'keeps the list as it was asked for',
    'resolves it only to see whether it can be',
    edit(
      'Judge.#create',
      'const record = { path, data, acl, parentCVersion }',
      'const record = { path, data, acl: request.acl ?? [], parentCVersion }',
    ),
  ),
  // C
  mutant(
    'asks the node for the permission to delete it',
    'thinks that a list is about its node',
    edit(
      'Judge.#delete',
      'this.#checkAccess(parent, Perms.DELETE)',
      'this.#checkAccess(this.#factsOf(path), Perms.DELETE)',
    ),
  ),
  mutant(
    'leaves the deleted child with its parent',
    'records that a node is gone and forgets what that means for its parent',
    edit(
      'Judge.#delete',
      '    this.#change(parentPath, { ...parent, childCount: parent.childCount - 1 })\n',
      '',
    ),
  ),
  mutant(
    'does not tell those who come next that it is gone',
    'thinks that the tree will know soon enough',
    edit('Judge.#delete', '    this.#change(path, null)\n', ''),
  ),
  mutant(
    'takes the create back with the node',
    'thinks that a count of creates goes down',
    edit(
      'Judge.#delete',
      '{ ...parent, childCount: parent.childCount - 1 }',
      '{ ...parent, cversion: parent.cversion - 1, childCount: parent.childCount - 1 }',
    ),
  ),
  mutant(
    'sees the children before the version',
    'thinks that the order of checks is a matter of taste',
    edit(
      'Judge.#delete',
      "    checkVersion(node.version, version, path)\n    if (node.childCount > 0) throw new KeeperError('NOTEMPTY', path)",
      "    if (node.childCount > 0) throw new KeeperError('NOTEMPTY', path)\n    checkVersion(node.version, version, path)",
    ),
  ),
  mutant(
    'deletes what the server cannot be without',
    'thinks of the root only',
    edit('Judge.#delete', 'isFixed(path)', "path === '/'"),
  ),
  // D
  mutant(
    'does not take back',
    'thinks that a transaction that is not applied has not happened',
    edit('Judge.#multi', '    if (failed) rollBack(this.#outstanding, this.#situation.zxid)\n', ''),
  ),
  mutant(
    'judges the rest, too',
    'wants to tell everything that is wrong at once',
    edit('Judge.#multi', 'if (failed) {', 'if (failed && write.type === OpCode.check) {'),
  ),
  mutant(
    'gives up the whole multi for one error',
    'lets the exception fly: the reply has no list',
    edit(
      'Judge.#multi',
      'failed = true',
      'failed = true\n        rollBack(this.#outstanding, this.#situation.zxid)\n        throw error',
    ),
  ),
  mutant(
    'tells of the failure only',
    'thinks that nobody needs to know where it was',
    edit('Judge.#multi', '        txns.push(errorTxn(Code.RUNTIMEINCONSISTENCY))\n', ''),
  ),
  mutant(
    'gives all the same error',
    'does not tell the culprit from those that came too late',
    edit('Judge.#multi', 'errorTxn(Code.RUNTIMEINCONSISTENCY)', 'txns.at(-1)!'),
  ),
  mutant(
    'forgets what was outstanding before',
    'takes back by forgetting the path, not the change',
    edit(
      'Judge.#multi',
      'rollBack(this.#outstanding, this.#situation.zxid)',
      'this.#outstanding.latest.clear()',
    ),
  ),
  mutant(
    'takes a multi of nothing for a fault',
    'thinks that nobody sends one',
    edit(
      'Judge.#multi',
      'let failed = false',
      "let failed = false\n    if (writes.length === 0) throw new KeeperError('BADARGUMENTS')",
    ),
  ),
  // E
  mutant(
    'lists what the tree knows',
    'forgets the nodes that are on their way',
    edit(
      'Judge.#closeSession',
      'ephemeralsAhead(this.#outstanding, this.#requester.session)',
      'ephemeralsAhead({ ...this.#outstanding, latest: new Map() }, this.#requester.session)',
    ),
  ),
  mutant(
    'lists the nodes and does not record that they go',
    'thinks that applying is soon enough',
    edit('Judge.#closeSession', '      this.#change(path, null)\n', ''),
  ),
  mutant(
    'leaves the children with their parents',
    'records that the nodes are gone, and no more',
    edit(
      'Judge.#closeSession',
      '      this.#change(parentPath, { ...parent, childCount: parent.childCount - 1 })\n',
      '',
    ),
  ),
  mutant(
    'takes one child from each parent',
    'looks at the parents once, before the first node goes',
    edit(
      'Judge.#closeSession',
      'for (const path of paths2Delete) {',
      'const before = new Map(paths2Delete.map(path => [parentOf(path), this.#factsOf(parentOf(path))]))\n    for (const path of paths2Delete) {',
    ),
    edit(
      'Judge.#closeSession',
      'const parent = this.#factsOf(parentPath)',
      'const parent = before.get(parentPath)!',
    ),
  ),
  mutant(
    'does not end a session that is ending',
    'asks the same of every write',
    edit('Judge.#closeSession', 'const paths2Delete', 'this.#checkAlive()\n    const paths2Delete'),
  ),
]
