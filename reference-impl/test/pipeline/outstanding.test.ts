import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  change,
  ephemeralsAhead,
  factsOf,
  type NodeFacts,
  nothingOutstanding,
  rollBack,
  settle,
} from '../../src/pipeline/outstanding.ts'
import { emptyTree } from '../../src/state/data-tree.ts'
import { openAcl } from '../../src/state/identity.ts'
import { containerOwner } from '../../src/state/znode.ts'

const paths = ['/a', '/b', '/c', '/d']
/** Two sessions, nobody, and a mark that is no session. */
const owners = [1n, 2n, 0n, containerOwner]

const facts = (ephemeralOwner: bigint): NodeFacts => ({
  acl: openAcl,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner,
  childCount: 0,
})

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ path: fc.constantFrom(...paths), owner: fc.constantFrom(...owners, null) }),
  },
  { weight: 2, arbitrary: fc.constant('next' as const) },
  { weight: 2, arbitrary: fc.constant('roll back' as const) },
  { weight: 1, arbitrary: fc.constant('settle' as const) },
)

test('what a session will own is what the newest changes say, whatever is taken back or applied', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const outstanding = nothingOutstanding(emptyTree())
      let zxid = 1n
      let settled = 0n
      for (const each of steps) {
        if (each === 'next') zxid++
        else if (each === 'roll back') rollBack(outstanding, zxid)
        else if (each === 'settle') settle(outstanding, ++settled < zxid ? settled : --settled)
        else change(outstanding, zxid, each.path, each.owner === null ? null : facts(each.owner))
        for (const session of [1n, 2n]) {
          const owned = paths.filter(path => factsOf(outstanding, path)?.ephemeralOwner === session)
          expect(ephemeralsAhead(outstanding, session).sort()).toEqual(owned)
        }
      }
      settle(outstanding, zxid)
      expect([outstanding.latest.size, outstanding.owned.size]).toEqual([0, 0])
    }),
  )
})
