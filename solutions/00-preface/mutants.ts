import { edit, mutant } from '../../course/mutants.ts'

export default [
  // A
  mutant(
    'puts the counter first',
    'thinks that the halves only have to be kept apart',
    edit(
      'zxid',
      '(BigInt(epoch) << counterBits) | BigInt(counter)',
      '(BigInt(counter) << counterBits) | BigInt(epoch)',
    ),
  ),
  mutant(
    'makes a zxid of numbers',
    'trusts a number with 64 bits: it is exact up to 53',
    edit('zxid', '(BigInt(epoch) << counterBits) | BigInt(counter)', 'BigInt(epoch * 2 ** 32 + counter)'),
  ),
  mutant(
    'shifts a number by 32',
    'does not know that << takes 32 for 0',
    edit('zxid', '(BigInt(epoch) << counterBits) | BigInt(counter)', 'BigInt((epoch << 32) | counter)'),
  ),
  mutant(
    'gives the epoch 31 bits of distance',
    'saves a bit for a sign that the counter does not have',
    edit('counterBits', '32n', '31n'),
  ),
  mutant(
    'takes the epoch from a number',
    'shifts a number by 32 and gets it back unshifted',
    edit('epochOf', 'Number(zxid >> counterBits)', 'Number(zxid) >> 32'),
  ),
  mutant(
    'divides for the epoch',
    'trusts a number with 64 bits: near the end of an epoch it rounds up into the next',
    edit('epochOf', 'Number(zxid >> counterBits)', 'Math.floor(Number(zxid) / 2 ** 32)'),
  ),
  mutant(
    'reads the counter as signed',
    'thinks that 32 bits are an int',
    edit('counterOf', 'Number(zxid & counterMask)', 'Number(BigInt.asIntN(32, zxid))'),
  ),
  mutant(
    'masks the counter with 16 bits',
    'counts f for two digits',
    edit('counterMask', '0xffff_ffffn', '0xffffn'),
  ),
  // B
  mutant(
    'counts the next epoch',
    'thinks that each transaction is an epoch',
    edit('nextZxid', 'zxid + 1n', 'zxid + (1n << counterBits)'),
  ),
  mutant(
    'counts with numbers',
    'trusts a number with 64 bits',
    edit('nextZxid', 'zxid + 1n', 'BigInt(Number(zxid) + 1)'),
  ),
  mutant(
    'ends an epoch at 31 ones',
    'thinks that 32 bits are an int',
    edit('endsEpoch', '(zxid & counterMask) === counterMask', '(zxid & counterMask) === 0x7fff_ffffn'),
  ),
  mutant(
    'ends an epoch one too early',
    'asks whether the counter is at its last but one',
    edit('endsEpoch', '=== counterMask', '>= counterMask - 1n'),
  ),
  mutant(
    'ends only the first epoch',
    'forgets that the epoch stands above the counter',
    edit('endsEpoch', '(zxid & counterMask) === counterMask', 'zxid === counterMask'),
  ),
  mutant(
    'starts an epoch with its first transaction',
    'counts from one, as the first transaction does',
    edit('startOfEpoch', 'zxid(epoch, 0)', 'zxid(epoch, 1)'),
  ),
  // C
  mutant(
    'writes a minus',
    'forgets that -1 is 64 ones',
    edit('formatZxid', 'BigInt.asUintN(64, zxid).toString(16)', 'zxid.toString(16)'),
  ),
  mutant(
    'fills with zeros',
    'thinks that a zxid is written with all its digits',
    edit('formatZxid', '.toString(16)', ".toString(16).padStart(16, '0')"),
  ),
  mutant(
    'reads digits without 0x as decimal',
    'thinks that only 0x makes a number hexadecimal',
    edit('parseZxid', 'BigInt(`0x${digits}`)', 'BigInt(text)'),
  ),
  mutant(
    'reads what it can and ignores the rest',
    'knows parseInt',
    edit('parseZxid', '([0-9a-f]{1,16})$/i', '([0-9a-f]{1,16})/i'),
  ),
  mutant(
    'finds a number anywhere',
    'thinks that a file name may be handed in whole',
    edit('parseZxid', '/^(?:0x)?', '/(?:0x)?'),
  ),
  mutant('reads more than 64 bits', 'lets the digits run on', edit('parseZxid', '{1,16}', '+')),
  mutant(
    'reads 64 ones as a huge number',
    'forgets that the wire counts with a sign',
    edit('parseZxid', 'BigInt.asIntN(64, BigInt(`0x${digits}`))', 'BigInt(`0x${digits}`)'),
  ),
  mutant('reads small letters only', 'tests what it wrote itself', edit('parseZxid', '$/i', '$/')),
]
