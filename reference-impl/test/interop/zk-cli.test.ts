/** Apache's own command line client, as Debian ships it, cannot tell whose server answers. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { patience, withEachServer } from './conversation.ts'
import type { Server } from './servers.ts'
import { type ZkCli, zkCli } from './zk-cli.ts'

withEachServer('zkCli.sh', ['zookeeper'], converse, () => ({ settings: ['enforceQuota=true'] }))

function converse(server: () => Server): void {
  let cli: ZkCli
  beforeAll(async () => {
    cli = await zkCli(server().address)
  }, patience)
  afterAll(() => cli?.quit())

  test('a fresh server has only its own nodes', async () => {
    expect(await cli.ask('ls -R /')).toEqual(['/', '/zookeeper', '/zookeeper/config', '/zookeeper/quota'])
  })

  test('what was created is read back, with a Stat that says so', async () => {
    expect(await cli.ask('create /read "two words"')).toEqual(['Created /read'])
    expect(await cli.ask('get /read')).toEqual(['two words'])
    const stat = fields(await cli.ask('stat /read'))
    expect(stat).toMatchObject({
      cversion: '0',
      dataVersion: '0',
      aclVersion: '0',
      ephemeralOwner: '0x0',
      dataLength: '9',
      numChildren: '0',
    })
    expect(stat.mZxid).toBe(stat.cZxid)
    expect(stat.pZxid).toBe(stat.cZxid)
    const age = Date.now() - Date.parse(stat.ctime ?? '')
    expect(age, "ctime is the server's wall clock, within a minute of ours").toBeLessThan(60_000)
  })

  test('a set replaces the data and counts the version up', async () => {
    await cli.ask('create /set old')
    const stat = fields(await cli.ask('set -s /set new'))
    expect(stat).toMatchObject({ dataVersion: '1', dataLength: '3' })
    expect(Number(stat.mZxid)).toBe(Number(stat.cZxid) + 1)
    expect(await cli.ask('get /set')).toEqual(['new'])
  })

  test('set and delete refuse a version that is not the current one', async () => {
    await cli.ask('create /versions 0')
    await cli.ask('set -v 0 /versions 1')
    expect(await cli.ask('set -v 0 /versions 2')).toEqual(['version No is not valid : /versions'])
    expect(await cli.ask('delete -v 0 /versions')).toEqual(['version No is not valid : /versions'])
    expect(await cli.ask('get /versions')).toEqual(['1'])
    expect(await cli.ask('delete -v 1 /versions')).toEqual([])
    expect(await cli.ask('get /versions')).toEqual(['Node does not exist: /versions'])
  })

  test("children are listed, and their coming and going moves the parent's cversion", async () => {
    for (const path of ['/list', '/list/b', '/list/a', '/list/c']) await cli.ask(`create ${path}`)
    await cli.ask('delete /list/b')
    expect(await cli.ask('ls /list')).toEqual(['[a, c]'])
    expect(fields(await cli.ask('stat /list'))).toMatchObject({ cversion: '4', numChildren: '2' })
  })

  test('what cannot be done is refused by name', async () => {
    await cli.ask('create /taken')
    await cli.ask('create /taken/child')
    expect(await cli.ask('create /taken')).toEqual(['Node already exists: /taken'])
    expect(await cli.ask('create /no/parent')).toEqual(['Node does not exist: /no/parent'])
    expect(await cli.ask('delete /taken')).toEqual(['Node not empty: /taken'])
    expect(await cli.ask('delete /missing')).toEqual(['Node does not exist: /missing'])
    expect(await cli.ask('set /missing x')).toEqual(['Node does not exist: /missing'])
    expect(await cli.ask('ls /missing')).toEqual(['Node does not exist: /missing'])
    expect(await cli.ask('stat /missing')).toEqual(['Node does not exist: /missing'])
  })

  test('sequential names count up, whatever else is created or deleted in between', async () => {
    await cli.ask('create /sequence')
    expect(await cli.ask('create -s /sequence/job-')).toEqual(['Created /sequence/job-0000000000'])
    expect(await cli.ask('create -s /sequence/job-')).toEqual(['Created /sequence/job-0000000001'])
    await cli.ask('create /sequence/other')
    await cli.ask('delete /sequence/job-0000000001')
    expect(await cli.ask('create -s /sequence/job-')).toEqual(['Created /sequence/job-0000000003'])
  })

  test('an ephemeral node names its owner and has no children', async () => {
    await cli.ask('create -e /here')
    const { ephemeralOwner } = fields(await cli.ask('stat /here'))
    expect(BigInt(ephemeralOwner ?? 0)).not.toBe(0n)
    expect(await cli.ask('create /here/child')).toEqual(['Ephemerals cannot have children: /here/child'])
  })

  test('a watch fires once, for the change it was left for', async () => {
    await cli.ask('create /watched 0')
    await cli.ask('get -w /watched')
    await cli.ask('set /watched 1')
    await cli.event('type:NodeDataChanged path:/watched')
    await cli.ask('ls -w /watched')
    await cli.ask('set /watched 2')
    await cli.ask('create /watched/child')
    await cli.event('type:NodeChildrenChanged path:/watched')
    await cli.ask('delete /watched/child')
    await cli.ask('stat -w /watched')
    await cli.ask('delete /watched')
    await cli.event('type:NodeDeleted path:/watched')
    expect(cli.events().filter(event => event.endsWith('path:/watched'))).toHaveLength(3)
  })

  test('sync answers', async () => {
    expect(await cli.ask('sync /')).toEqual(['Sync is OK'])
  })

  test('an ephemeral node goes with the session that made it: at once when the client says goodbye', async () => {
    const other = await zkCli(server().address)
    await other.ask('create -e /goodbye')
    expect(await cli.ask('ls -w /')).toEqual([expect.stringContaining('goodbye')])
    await cli.ask('stat -w /goodbye')
    await other.quit()
    await cli.event('type:NodeDeleted path:/goodbye')
    await cli.event('type:NodeChildrenChanged path:/')
  })

  test('an ephemeral node goes with the session that made it: after the timeout when the client dies', async () => {
    const other = await zkCli(server().address, { options: ['-timeout', '2000'] })
    await other.ask('create -e /died')
    await cli.ask('stat -w /died')
    await other.kill()
    expect(await cli.ask('get /died'), 'the session outlives its connection').not.toContain(
      'Node does not exist: /died',
    )
    await cli.event('type:NodeDeleted path:/died')
  })

  test('a soft quota is listed beside what there is, and refuses nothing', async () => {
    await cli.ask('create /soft abc')
    await cli.ask('create /soft/child de')
    expect(await cli.ask('setquota -n 3 /soft')).toEqual([])
    await cli.ask('setquota -b 10 /soft')
    await cli.ask('create /soft/other 1234')
    await cli.ask('set /soft x')
    await cli.ask('delete /soft/child')
    expect(await quota('/soft')).toEqual([
      'count=3,bytes=10=;byteHardLimit=-1;countHardLimit=-1',
      'count=2,bytes=5',
    ])
    expect(await cli.ask('setquota -n 5 /soft/other')).toEqual([
      '/soft/other has a parent /soft which has a quota',
    ])
    await cli.ask('create /soft/a')
    expect(await cli.ask('create /soft/b 123456')).toEqual(['Created /soft/b'])
    await cli.ask('delquota -n /soft')
    expect(await quota('/soft')).toEqual([
      'count=-1,bytes=10=;byteHardLimit=-1;countHardLimit=-1',
      'count=4,bytes=11',
    ])
    const stats = fields(await cli.ask('stat /zookeeper/quota/soft/zookeeper_stats'))
    expect(stats, 'what is counted is no change').toMatchObject({ dataVersion: '0', dataLength: '16' })
    expect(await cli.ask('delquota /soft')).toEqual([])
    expect(await cli.ask('delquota /soft')).toEqual(['Quota does not exist for /soft'])
  })

  test('a hard quota refuses what goes beyond it, as long as it is there', async () => {
    await cli.ask('create /hard 1')
    await cli.ask('setquota -N 2 /hard')
    await cli.ask('setquota -B 3 /hard')
    expect(await quota('/hard')).toEqual([
      'count=-1,bytes=-1=;byteHardLimit=3;countHardLimit=2',
      'count=1,bytes=1',
    ])
    expect(await cli.ask('create /hard/a 2')).toEqual(['Created /hard/a'])
    expect(await cli.ask('create /hard/b')).toEqual(['Quota has exceeded : /hard/b'])
    expect(await cli.ask('set /hard 123')).toEqual(['Quota has exceeded : /hard'])
    expect(await cli.ask('set -v 7 /hard 123')).toEqual(['Quota has exceeded : /hard'])
    expect(await cli.ask('set /hard 12')).toEqual([])
    await cli.ask('delquota -B /hard')
    expect(await cli.ask('set /hard 123456')).toEqual([])
    await cli.ask('delquota -N /hard')
    expect(await cli.ask('create /hard/b')).toEqual(['Created /hard/b'])
    await cli.ask('deleteall /hard')
    expect(await cli.ask('get /zookeeper/quota/hard/zookeeper_stats')).toEqual(['count=0,bytes=0'])
  })

  /** The limits at a path, and what there is. */
  async function quota(path: string): Promise<string[]> {
    const lines = await cli.ask(`listquota ${path}`)
    return lines.slice(1).map(line => line.replace(/^Output \S+ for \S+ /, ''))
  }
}

/** The lines of a Stat as zkCli.sh prints it: `cZxid = 0x2`. */
function fields(lines: string[]): Record<string, string> {
  return Object.fromEntries(lines.flatMap(line => [line.split(' = ', 2)].filter(pair => pair.length === 2)))
}
