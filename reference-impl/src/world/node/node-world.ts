/** The real world: this machine's clock, dice, sockets and files. */
import { randomBytes, randomInt } from 'node:crypto'
import type { Random, World } from '../world.ts'
import { nodeClock } from './node-clock.ts'
import { nodeDisk } from './node-disk.ts'
import { nodeNetwork } from './node-network.ts'

/** `folder` holds the files of the disk; it is made when something is first written to it. */
export function nodeWorld({ folder }: { folder: string }): World {
  return { clock: nodeClock, random, network: nodeNetwork, disk: nodeDisk(folder) }
}

const random: Random = {
  below: below => randomInt(below),
  bytes: count => randomBytes(count),
}
