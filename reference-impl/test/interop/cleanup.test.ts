/** `zk-cleanup` as an operator calls it, beside Apache's PurgeTxnLog on a copy of the same folder. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { root } from '../../../course/paths.ts'
import { interopRequired, missingPackages, zookeeperJar } from './packages.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'zk-cleanup-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const logs = ['log.1', 'log.17', 'log.3d', 'log.65', 'log.8b', 'log.c8']
const snapshots = ['snapshot.0', 'snapshot.15', 'snapshot.63', 'snapshot.89', 'snapshot.c6', 'snapshot.d0']

/** A folder with these files; the newest snapshot is not all there. */
function dataFolder(name: string): string {
  const where = path.join(folder, name, 'version-2')
  mkdirSync(where, { recursive: true })
  for (const file of logs) writeFileSync(path.join(where, file), Buffer.alloc(100))
  for (const file of snapshots) {
    const end = file === 'snapshot.d0' ? '00000001' : '000000012f'
    writeFileSync(path.join(where, file), Buffer.from(`5a4b534e00000002ffffffff${end}`, 'hex'))
  }
  return path.dirname(where)
}

const left = (where: string): string[] => readdirSync(path.join(where, 'version-2')).sort()

function cleanup(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const program = path.join(root, 'reference-impl', 'bin', 'zk-cleanup.mjs')
  return spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })
}

describe('zk-cleanup', () => {
  test('says what it removed, and leaves what recovery needs', () => {
    const where = dataFolder('ours')
    const removed = ['snapshot.0', 'snapshot.15', 'log.1', 'log.17']
    const { status, stdout, stderr } = cleanup('-n', '3', where)
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: removed.map(name => `removed ${path.join(where, 'version-2', name)}\n`).join(''),
      stderr: '',
    })
    expect(left(where)).toEqual([...logs, ...snapshots].filter(name => !removed.includes(name)).sort())
    expect(cleanup(where, '-n', '3').stdout).toBe('nothing to remove: 3 complete snapshots, and 3 are kept\n')
  })

  test('takes logs and snapshots from folders of their own, the logs first', () => {
    const [logFolder, snapshotFolder] = [dataFolder('logs'), dataFolder('snapshots')]
    for (const file of snapshots) rmSync(path.join(logFolder, 'version-2', file))
    for (const file of logs) rmSync(path.join(snapshotFolder, 'version-2', file))
    expect(cleanup('-n', '3', logFolder, snapshotFolder).status).toBe(0)
    expect(left(logFolder)).toEqual(logs.slice(2))
    expect(left(snapshotFolder)).toEqual(snapshots.slice(2))
  })

  test('keeps three at least, and says what is wrong with what it is told', () => {
    const where = dataFolder('kept')
    expect(cleanup('-n', '2', where)).toMatchObject({
      status: 2,
      stderr: 'zk-cleanup: -n 2: must be a whole number, 3 or more\n',
    })
    expect(cleanup('-n', '3', path.join(folder, 'nowhere')).stderr).toContain('name the dataDir')
    expect(left(where)).toHaveLength(logs.length + snapshots.length)
  })

  const missing = missingPackages(['zookeeper'])
  test.skipIf(missing.length > 0 && !interopRequired)("leaves what Apache's PurgeTxnLog leaves", () => {
    const where = dataFolder('mine')
    const copy = path.join(folder, 'apache')
    cpSync(where, copy, { recursive: true })
    cleanup('-n', '3', where)
    spawnSync('java', ['-cp', zookeeperJar, 'org.apache.zookeeper.server.PurgeTxnLog', copy, copy, '-n', '3'])
    expect(left(copy)).toEqual(left(where))
    expect(left(copy)).not.toContain('log.17')
  })
})
