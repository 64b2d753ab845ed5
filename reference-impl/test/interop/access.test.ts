/** Two people at zkCli.sh: what one keeps for herself, and what the other hears of. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { patience, withEachServer } from './conversation.ts'
import { type ZkCli, zkCli } from './zk-cli.ts'

const refused = (path: string) => [`Insufficient permission : ${path}`]

withEachServer('two zkCli.sh', ['zookeeper'], server => {
  let ann: ZkCli
  let stranger: ZkCli
  beforeAll(async () => {
    ;[ann, stranger] = await Promise.all([zkCli(server().address), zkCli(server().address)])
    await ann.ask('addauth digest ann:secret')
  }, patience)
  afterAll(() => Promise.all([ann?.quit(), stranger?.quit()]))

  test('what one creates for herself is shut for others', async () => {
    expect(await ann.ask('create /own hers auth::cdrwa')).toEqual(['Created /own'])
    expect(await ann.ask('getAcl /own')).toEqual(["'digest,'ann:7RJfAeIvrl4zdj6sS2fXrQHDvHM=", ': cdrwa'])
    expect(await ann.ask('get /own')).toEqual(['hers'])
    for (const command of ['get', 'ls', 'getAcl']) {
      expect(await stranger.ask(`${command} /own`)).toEqual(refused('/own'))
    }
    expect(await stranger.ask('set /own x')).toEqual(refused('/own'))
    expect(await stranger.ask('create /own/child')).toEqual(refused('/own/child'))
    expect(await stranger.ask('setAcl /own world:anyone:cdrwa')).toEqual(refused('/own'))
  })

  test('a list is for one node, and its hashes are for those who may change it', async () => {
    await ann.ask('create /shown x world:anyone:r,auth::cdrwa')
    await ann.ask('create /shown/child open')
    expect(await stranger.ask('get /shown/child')).toEqual(['open'])
    expect(await stranger.ask('delete /shown/child')).toEqual(refused('/shown/child'))
    expect(await stranger.ask('getAcl /shown')).toEqual([
      "'world,'anyone",
      ': r',
      "'digest,'ann:x",
      ': cdrwa',
    ])
  })

  test('a list that makes no sense is refused', async () => {
    for (const acl of ['auth::r', 'ip:10.0.0.0/33:r', 'digest:ann:r']) {
      expect(await stranger.ask(`create /senseless x ${acl}`)).toEqual([
        'KeeperErrorCode = InvalidACL for /senseless',
        'Acl is not valid : /senseless',
      ])
    }
  })

  test('an address is let in by its range', async () => {
    await ann.ask('create /near x ip:127.0.0.0/8:r')
    await ann.ask('create /far x ip:10.0.0.0/8:r')
    expect(await stranger.ask('get /near')).toEqual(['x'])
    expect(await stranger.ask('get /far')).toEqual(refused('/far'))
  })

  test('a watch of everything hears what its owner may read', async () => {
    await stranger.ask('addWatch -m PERSISTENT_RECURSIVE /')
    await ann.ask('create /told')
    await ann.ask('create /told/child')
    await ann.ask('create /untold x auth::cdrwa')
    await ann.ask('set /untold y')
    await ann.ask('set /told/child x')
    await ann.ask('delete /told/child')
    await stranger.event('type:NodeDeleted path:/told/child')
    const heard = stranger.events().map(event => event.replace(/.*type:/, ''))
    expect(heard.filter(event => event.includes('told'))).toEqual([
      'NodeCreated path:/told',
      'NodeCreated path:/told/child',
      'NodeDataChanged path:/told/child',
      'NodeDeleted path:/told/child',
    ])
  })

  test('a watch that is removed hears no more', async () => {
    expect(await stranger.ask('removewatches /')).toEqual([])
    await ann.ask('create /late')
    expect(stranger.events().filter(event => event.endsWith('/late'))).toEqual([])
    expect(await stranger.ask('removewatches /')).toEqual(['KeeperErrorCode = No such watcher for /'])
  })

  test('super is let in where nobody is', async () => {
    await ann.ask('create /shut x world:anyone:c')
    expect(await ann.ask('get /shut')).toEqual(refused('/shut'))
    await stranger.ask('addauth digest super:test')
    expect(await stranger.ask('get /shut')).toEqual(['x'])
  })
})
