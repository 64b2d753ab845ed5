import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fourLetterWord, freePort, mine, startServer } from '../../reference-impl/test/interop/servers.ts'
import { madeLabs } from '../labs.ts'
import { type Copy, type Program, wholeCourse } from './copy.ts'

const student = 'labs/04-serialization/src/wire/jute.ts'
const reference = 'reference-impl/src/wire/jute.ts'

describe('zk-server --mine', { timeout: 60_000 }, () => {
  let desk: Copy
  beforeAll(() => {
    desk = wholeCourse()
  })
  afterAll(() => desk.remove())

  async function serve(option: string): Promise<{ server: Program; port: number }> {
    const port = await freePort()
    desk.write('zoo.cfg', `dataDir=data\nclientPort=${port}\nclientPortAddress=127.0.0.1\n`)
    return { server: desk.launch('reference-impl/bin/zk-server.mjs', option, 'zoo.cfg'), port }
  }

  /** Lets the server come to the student's code: as it starts, or else with the first bytes that a client sends. */
  async function untilItStops({ server, port }: Awaited<ReturnType<typeof serve>>): Promise<string> {
    const connectRequest = Buffer.alloc(48)
    connectRequest.writeInt32BE(44)
    connectRequest.writeInt32BE(16, 28)
    server
      .says('listens on')
      .then(() => fourLetterWord(port, connectRequest.toString('latin1')))
      .catch(() => {})
    expect(await server.exit).toBe(1)
    return server.said()
  }

  test('says why each lab is left out, and serves the reference in its place', async () => {
    const { server } = await serve('--mine')
    const said = await server.says('listens on')
    expect(said).toContain('zk-server runs the reference: none of your labs is finished. Left out: ')
    expect(said).toContain('00 (not tested, run npm test 00)')
    expect(said).toMatch(/04 \(\d+ holes left\)/)
    await server.end()
  })

  test('takes in what passes its tests, until it is changed', async () => {
    desk.write(student, desk.read(reference))
    await desk.run('test', '04')
    const first = await serve('--mine')
    expect(await first.server.says('listens on')).toContain(
      'zk-server runs your labs 04 (wire/jute). Left out: 00',
    )
    await first.server.end()

    desk.write(student, `${desk.read(reference)}\n// a thought\n`)
    const second = await serve('--mine')
    expect(await second.server.says('listens on')).toContain('04 (changed since its tests, run npm test 04)')
    await second.server.end()
  })

  test('takes in the labs that are named, tested or not; a test starts it the same way', async () => {
    desk.write(student, `${desk.read(reference)}\nconsole.error('this is the file of the student')\n`)
    const server = await startServer(mine(desk.folder, '4'))
    expect(server.output()).toContain('zk-server runs your labs 04 (changed since its tests')
    expect(server.output()).toContain('this is the file of the student')
    await server.stop()
  })

  test('runs on the records that a compiler of the student makes', async () => {
    const compiler = 'labs/05-inside-jute/src/wire/compiler.ts'
    const told = (line: string) =>
      desk
        .read('reference-impl/src/wire/compiler.ts')
        .replace('// Made from', `console.error('${line}')\n// Made from`)
    desk.write(compiler, told('these records are of my own making'))
    const first = await startServer(mine(desk.folder, '5'))
    expect(first.output()).toContain('these records are of my own making')
    await first.stop()

    desk.write(compiler, told('and these are better'))
    const second = await startServer(mine(desk.folder, '5'))
    expect(second.output()).toContain('and these are better')
    await second.stop()

    await desk.run('reset', '05')
    const { server } = await serve('--mine=05')
    expect(await server.exit).toBe(2)
    expect(server.said()).toContain(
      'zk-server: labs/05-inside-jute/src/wire/compiler.ts cannot compile zookeeper.jute: ' +
        'Lab 05 A: cut the file into words and signs\n',
    )
  })

  test('stops at a hole with a line that names it', async () => {
    await desk.run('reset', '04')
    expect(await untilItStops(await serve('--mine=04'))).toMatch(
      /zk-server stops: it came to a hole that is not filled yet: Lab 04 \w: .*, at labs\/04-serialization\/src\/wire\/jute\.ts:\d+\n/,
    )
  })

  test('is known to the other programs, too, which import labs by themselves', async () => {
    const inspect = desk.launch('reference-impl/bin/zk-inspect.mjs', '--mine=20', 'zoo.cfg')
    expect(await inspect.exit).toBe(1)
    expect(inspect.said()).toContain('zk-inspect stops: it came to a hole that is not filled yet: Lab 20 A')
  })

  test("stops at an error of the student's code with the place and what to do", async () => {
    const broken = (statement: string) =>
      desk.write(student, desk.read(reference).replace('int(value: number): void {', `$& ${statement}`))
    broken("throw 'a tantrum'")
    const thrown = await untilItStops(await serve('--mine=04'))
    expect(thrown).toContain('zk-server stops: Thrown: a tantrum, which is no Error')
    expect(thrown).toContain('It ran your labs 04: npm test 04 may show why.')
    broken("throw new RangeError('too far')")
    expect(await untilItStops(await serve('--mine=04'))).toMatch(
      /zk-server stops: RangeError: too far, at labs\/04-serialization\/src\/wire\/jute\.ts:\d+\n/,
    )
  })

  test('refuses what cannot be read, what is missing and what is no lab, each in a sentence', async () => {
    desk.write(student, desk.read(reference).replace('export function', 'export export function'))
    const unreadable = await serve('--mine=04')
    expect(await unreadable.server.exit).toBe(2)
    expect(unreadable.server.said()).toMatch(
      /^zk-server: labs\/04-serialization\/src\/wire\/jute\.ts:\d+:\d+ cannot be read as/,
    )

    desk.delete(student)
    const missing = await serve('--mine=04')
    expect(await missing.server.exit).toBe(2)
    expect(missing.server.said()).toContain('jute.ts is missing. `npm run reset 04` puts it back')

    const unknown = await serve('--mine=44')
    expect(await unknown.server.exit).toBe(2)
    expect(unknown.server.said()).toBe(
      `zk-server: There is no lab '44'. The labs are ${madeLabs.map(({ id, slug }) => `${id} (${slug})`).join(', ')}.\n`,
    )
  })
})
