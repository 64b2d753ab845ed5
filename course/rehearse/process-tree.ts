/** A process and all below it, as Linux tells: what they use, and how to end every one of them at once. */
import { readdirSync, readFileSync } from 'node:fs'

export interface Process {
  pid: number
  /** Numbers are given out again: with its start it is the same process. */
  started: string
  parent: number
  megabytes: number
  cpuSeconds: number
}

export function treeOf(root: number): Process[] {
  const all = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => processOf(Number(name)) ?? [])
  const below = new Map<number, Process[]>()
  for (const process of all) below.set(process.parent, [...(below.get(process.parent) ?? []), process])
  const found = all.filter(({ pid }) => pid === root)
  for (const process of found) found.push(...(below.get(process.pid) ?? []))
  return found
}

/** `kill -9` for all of it. Says how many there were, once none is left; throws when one lives on. */
export async function killTree(root: number): Promise<number> {
  const tree = treeOf(root)
  for (const { pid } of tree) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {}
  }
  for (let tries = 0; tries < 100; tries++) {
    if (!tree.some(isAlive)) return tree.length
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`still alive after kill -9: ${tree.filter(isAlive).map(({ pid }) => pid)}`)
}

function isAlive({ pid, started }: Process): boolean {
  return processOf(pid)?.started === started
}

/** Null for one that is gone, or ended and only waits to be counted. */
function processOf(pid: number): Process | null {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return null
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return null
  const number = (index: number) => Number(fields[index])
  return {
    pid,
    started: fields[19]!,
    parent: number(1),
    megabytes: (number(21) * 4096) / 2 ** 20,
    cpuSeconds: (number(11) + number(12)) / 100,
  }
}
