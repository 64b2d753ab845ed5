/** `zk-inspect` beside Apache's TxnLogToolkit and SnapshotFormatter, over files of Apache's server and of ours. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { root } from '../../../course/paths.ts'
import { apacheLog } from '../../../labs/20-files/test/apache-log.ts'
import { lived, logFile, snapshotFile } from '../storage/history.ts'
import { interopRequired, missingPackages, zookeeperJar } from './packages.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'zk-inspect-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function stored(file: string, bytes: Uint8Array): string {
  const full = path.join(folder, file)
  mkdirSync(path.dirname(full), { recursive: true })
  writeFileSync(full, bytes)
  return full
}

function inspect(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const program = path.join(root, 'reference-impl', 'bin', 'zk-inspect.mjs')
  return spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })
}

function objects(file: string): Record<string, unknown>[] {
  return inspect('--json', file)
    .stdout.trim()
    .split('\n')
    .map(line => JSON.parse(line))
    .slice(0, -1)
}

function apache(tool: string, ...args: string[]): string {
  return spawnSync('java', ['-cp', zookeeperJar, `org.apache.zookeeper.server.${tool}`, ...args], {
    encoding: 'latin1',
  }).stdout
}

describe('zk-inspect', () => {
  test('shows a log in lines, and what is wrong with it', () => {
    const whole = stored('log.1', apacheLog)
    const { status, stdout, stderr } = inspect(whole)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const lines = stdout.split('\n')
    expect(lines[1]).toBe(
      '0x2 2026-11-21T03:43:30.891Z session 0x10000772cec0000 cxid 1 create /app data "one" acl world:anyone:rwcda parentCVersion 1 digest 0x733aceac',
    )
    expect(lines[10]).toBe(`${whole}: 10 transactions, 0x1 to 0xa; they end at byte 1078: end of file`)
    const damaged = apacheLog.slice()
    damaged[150] = 0
    const bad = stored('bad/log.1', damaged)
    const { status: badStatus, stderr: complaint } = inspect('--quiet', bad)
    expect(badStatus).toBe(1)
    expect(complaint).toBe(
      `${bad}, byte 77: an entry was changed after it was written: a server refuses to start from here. Restore the file from a backup\n`,
    )
  })

  test('trims a torn log into a new file, and never over an old one', () => {
    const torn = stored('torn/log.1', apacheLog.subarray(0, 1000))
    const target = path.join(folder, 'trimmed')
    expect(inspect(torn, '--trim', target)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('9 transactions'),
    })
    expect(inspect(target)).toMatchObject({ status: 0, stderr: '' })
    expect(inspect(torn, '--trim', target)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is there already'),
    })
  })

  test('says what is wrong with what it is told', () => {
    expect(inspect()).toMatchObject({ status: 2 })
    expect(inspect(path.join(folder, 'none')).stderr).toContain('cannot be read (ENOENT)')
    expect(inspect(stored('text', Buffer.from('dataDir=/var/lib/zookeeper'))).stderr).toContain(
      'does not begin as',
    )
    expect(inspect('x', '--until', '1').status).toBe(2)
  })

  const skipped = missingPackages(['zookeeper']).length > 0 && !interopRequired
  const history = lived()

  test.skipIf(skipped).each([
    ['a log of Apache', apacheLog],
    ['a log of ours', logFile(history.log)[1]],
  ])("shows of %s what Apache's TxnLogToolkit shows", (_whose, bytes) => {
    const file = stored('beside/log.1', bytes)
    const theirs = [
      ...apache('persistence.TxnLogToolkit', '-d', file).matchAll(
        /session (0x\w+) cxid (0x\w+) zxid (0x\w+) (\w+)/g,
      ),
    ].map(([, session, cxid, zxid, op]) => ({ session, cxid: Number(cxid), zxid, op }))
    const ours = objects(file).map(({ session, cxid, zxid, op }) => ({ session, cxid, zxid, op }))
    expect(ours.length).toBeGreaterThan(9)
    expect(ours).toEqual(theirs)
  })

  test.skipIf(skipped)("shows of a snapshot what Apache's SnapshotFormatter shows", () => {
    const file = stored('snapshot.7', snapshotFile(history.source)[1])
    const text = apache('SnapshotFormatter', '-d', file)
    const theirs = text
      .split('----\n')
      .slice(1)
      .flatMap(node => {
        const [name] = node.split('\n')
        const field = (key: string): string => new RegExp(`^  ${key} = (.*)$`, 'm').exec(node)?.[1] ?? ''
        if (!name?.startsWith('/')) return []
        return [
          {
            path: name,
            czxid: BigInt(field('cZxid')),
            version: Number(field('dataVersion')),
            data: field('data'),
          },
        ]
      })
    const ours = objects(file)
      .filter(({ path }) => path !== undefined)
      .map(({ path, czxid, version, data }) => ({
        path,
        czxid: BigInt(czxid as string),
        version,
        data: data ?? '',
      }))
    const byPath = (a: { path: unknown }, b: { path: unknown }): number =>
      String(a.path) < String(b.path) ? -1 : 1
    expect(ours.length).toBeGreaterThan(8)
    expect(ours.sort(byPath)).toEqual(theirs.sort(byPath))
  })
})
