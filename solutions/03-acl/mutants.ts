import { edit, mutant } from '../../course/mutants.ts'

export default [
  // A
  mutant(
    'wants all of the permissions',
    'reads READ | ADMIN as "both"',
    edit('isPermitted', '(given & perms) !== 0', '(given & perms) === perms'),
  ),
  mutant(
    'compares permissions as numbers',
    'thinks that more is more',
    edit('isPermitted', '(given & perms) !== 0', 'given >= perms'),
  ),
  mutant(
    'lets ADMIN do everything',
    'thinks of an administrator, where ADMIN is the right to change the list',
    edit('isPermitted', '(given & perms) !== 0', '(given & (perms | 16)) !== 0'),
  ),
  mutant(
    'looks at the first entry that names somebody',
    'thinks of a firewall, where the first rule decides',
    edit(
      'isPermitted',
      `acl.some(
      ({ perms: given, id }) =>
        (given & perms) !== 0 && (isAnyone(id) || identities.some(identity => isMeant(identity, id))),
    )`,
      `((acl.find(({ id }) => isAnyone(id) || identities.some(identity => isMeant(identity, id)))?.perms ?? 0) & perms) !== 0`,
    ),
  ),
  mutant(
    'looks at the newest login only',
    'thinks that a login takes the place of the one before',
    edit(
      'isPermitted',
      'identities.some(identity => isMeant(identity, id))',
      'identities.slice(-1).some(identity => isMeant(identity, id))',
    ),
  ),
  mutant(
    'forgets super',
    'thinks that super stands in the lists',
    edit('isPermitted', "identities.some(({ scheme }) => scheme === 'super') ||", ''),
  ),
  mutant(
    'takes a user who is called super for super',
    'looks at names where proofs count',
    edit(
      'isPermitted',
      "identities.some(({ scheme }) => scheme === 'super')",
      "identities.some(({ scheme, id }) => scheme === 'super' || id.startsWith('super:'))",
    ),
  ),
  mutant(
    'lets the world in under any name',
    'looks at the scheme and forgets the id',
    edit('isAnyone', "id.scheme === 'world' && id.id === 'anyone'", "id.scheme === 'world'"),
  ),
  mutant(
    'mixes schemes',
    'thinks that an id says it all',
    edit('isMeant', 'identity.scheme !== scheme || id === null', 'id === null'),
  ),
  mutant(
    'compares users and not hashes',
    'thinks that the hash was checked at the login',
    edit('isMeant', 'identity.id === id', "identity.id.split(':')[0] === id.split(':')[0]"),
  ),
  mutant(
    'minds no case',
    'thinks of names and not of hashes',
    edit('isMeant', 'identity.id === id', 'identity.id.toLowerCase() === id.toLowerCase()'),
  ),
  // B
  mutant(
    'stores duplicates',
    'thinks that twice does no harm',
    edit(
      'resolveAcl',
      'other.perms === perms && isSame(other.id, id)',
      'other.perms === perms && other.id === id',
    ),
  ),
  mutant(
    'keeps one entry for each person',
    'thinks that a person has one set of permissions',
    edit('resolveAcl', 'other.perms === perms && isSame(other.id, id)', 'isSame(other.id, id)'),
  ),
  mutant(
    'drops duplicates when all is done',
    'puts the last step first in mind: Apache drops them before auth gives way',
    edit(
      'resolveAcl',
      'return isOpen(acl) ? openAcl : acl',
      'return isOpen(acl) ? openAcl : acl.filter(({ perms, id }, at) => acl.findIndex(other => other.perms === perms && isSame(other.id, id)) === at)',
    ),
  ),
  mutant(
    'lets an empty list pass',
    'thinks that no list is no restriction',
    edit('resolveAcl', "if (said.length === 0) throw new KeeperError('INVALIDACL', 'the list is empty')", ''),
  ),
  mutant(
    'leaves out what makes no sense',
    'thinks that half a list is better than none',
    edit(
      'meantBy',
      "if (!schemes.has(scheme) || !isId(scheme, text)) throw new KeeperError('INVALIDACL', `${scheme}:${text}`)",
      'if (!schemes.has(scheme) || !isId(scheme, text)) return []',
    ),
  ),
  mutant(
    'leaves out auth of nobody',
    'thinks that nobody may be meant',
    edit(
      'meantBy',
      "if (proved.length === 0) throw new KeeperError('INVALIDACL', 'auth: nobody has logged in')",
      '',
    ),
  ),
  mutant(
    'takes an address for somebody',
    'thinks that every identity says who somebody is',
    edit('provesWho', "schemes.has(scheme) && scheme !== 'ip'", 'schemes.has(scheme)'),
  ),
  mutant(
    'stores super for auth',
    'thinks that whatever one is, one is',
    edit('provesWho', 'schemes.has(scheme) &&', ''),
  ),
  mutant(
    'lets auth be one identity',
    'thinks that a connection has one login',
    edit('meantBy', 'return proved', 'return proved.slice(0, 1)'),
  ),
  mutant(
    'looks for auth with a name',
    'thinks that auth:ann means ann',
    edit('meantBy', "if (scheme === 'auth') {", "if (scheme === 'auth' && text === '') {"),
  ),
  mutant(
    'stores auth as it is',
    'thinks that auth is worked out when somebody asks',
    edit('meantBy', 'return proved', 'return [{ scheme, id: text }]'),
  ),
  mutant(
    'knows its own schemes',
    'thinks that the usual schemes are all there are',
    edit('meantBy', '!schemes.has(scheme)', '!usualSchemes.has(scheme)'),
  ),
  mutant(
    'takes any digest that has a colon',
    'thinks of the first colon and not of the second',
    edit('isId', "id.replace(/:+$/, '').split(':').length === 2", "id.includes(':')"),
  ),
  mutant(
    'counts colons at the end',
    'splits as JavaScript does',
    edit('isId', "id.replace(/:+$/, '').split(':').length === 2", "id.split(':').length === 2"),
  ),
  // C
  mutant(
    'compares addresses as text',
    'thinks that an address is written in one way',
    edit(
      'isInRange',
      'if (address === null ||',
      'if (!range.includes("/")) return text === range\n  if (address === null ||',
    ),
  ),
  mutant(
    'compares whole bytes',
    'knows /8, /16 and /24',
    edit('isInRange', 'bit < within.bits', 'bit < (within.bits & ~7)'),
  ),
  mutant(
    'compares one bit too few',
    'ends a loop early',
    edit('isInRange', 'bit < within.bits', 'bit < within.bits - 1'),
  ),
  mutant(
    'counts bits from the right',
    'thinks that bit 0 is the least',
    edit('isInRange', '0x80 >> (bit % 8)', '1 << (bit % 8)'),
  ),
  mutant(
    'compares an address of 4 bytes with one of 16',
    'thinks that a range of nothing has everybody in it, of whatever kind',
    edit('isInRange', '|| address.length !== within.address.length', ''),
  ),
  mutant(
    'takes any number of bits',
    'trusts the one who writes the list',
    edit('parseRange', '&& Number(bits) <= width', ''),
  ),
  mutant(
    'knows 32 bits',
    'forgets that IPv6 has 128',
    edit('parseRange', 'Number(bits) <= width', 'Number(bits) <= 32'),
  ),
  mutant(
    'reads what Number reads',
    'thinks that Number takes digits only',
    edit('parseRange', '/^\\+?\\d{1,3}$/.test(bits) && ', ''),
  ),
  mutant(
    'ignores a second slash',
    'takes the first two parts of whatever there is',
    edit('parseRange', '|| rest.length > 0', ''),
  ),
  // D
  mutant(
    'hashes the password alone',
    'thinks that the user is known already',
    edit('digestId', 'hash(userAndPassword)', 'hash(userAndPassword.slice(user.length + 1))'),
  ),
  mutant(
    'cuts a password at its colon',
    'thinks that split stops after the first',
    edit('digestId', 'hash(userAndPassword)', "hash(userAndPassword.split(':').slice(0, 2).join(':'))"),
  ),
  mutant(
    'takes the user up to the last colon',
    'looks for the colon from the end',
    edit(
      'digestId',
      "userAndPassword.split(':', 1)[0]!",
      "userAndPassword.includes(':') ? userAndPassword.slice(0, userAndPassword.lastIndexOf(':')) : userAndPassword",
    ),
  ),
  mutant(
    'hides the user too',
    'thinks that who may read a node is a secret',
    edit('withoutSecrets', "id.replace(/:.*/s, ':x')", "'x'"),
  ),
  mutant(
    'hides the list itself',
    'changes what it was asked to show',
    edit(
      'withoutSecrets',
      'return acl.map(',
      "for (const { id } of acl) if (id.scheme === 'digest' && id.id !== null) id.id = id.id.replace(/:.*/s, ':x')\n  return acl.map(",
    ),
  ),
  mutant(
    'hides what follows the last colon',
    'thinks that an id has one colon, always',
    edit('withoutSecrets', "id.replace(/:.*/s, ':x')", "id.replace(/:[^:]*$/s, ':x')"),
  ),
  mutant(
    'hides ids of every scheme',
    'thinks that a colon is a sign of a secret',
    edit('withoutSecrets', "scheme === 'digest' && id !== null", 'id !== null'),
  ),
]
