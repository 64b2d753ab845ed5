/**
 * A student's way through lab 04, with a real client at its end: the stub, the solution, the server that runs it, and
 * a mistake that only the hidden tests see. The student works on a copy, so that the labs here stay as they are.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { interopRequired, missingPackages } from '../../reference-impl/test/interop/packages.ts'
import { mine, startServer } from '../../reference-impl/test/interop/servers.ts'
import { zkCli } from '../../reference-impl/test/interop/zk-cli.ts'
import { findLab } from '../manifest.ts'
import { mutantSubject, mutantsOf } from '../mutate.ts'
import { hiddenTests, referenceSource, shown, studentSource } from '../paths.ts'
import { openRunner } from '../runner.ts'
import { regionsOf } from '../stubs.ts'
import { testFiles } from '../trial.ts'
import { type Copy, type Outcome, wholeCourse } from './copy.ts'

const lab = findLab('04')!
const [swap] = lab.swaps
const source = `${swap}.ts`
const reference = readFileSync(path.join(referenceSource, source), 'utf8')

describe('a student of lab 04', { timeout: 60_000 }, () => {
  let desk: Copy
  let file: string
  beforeAll(async () => {
    desk = wholeCourse()
    file = path.join(desk.folder, shown(studentSource(lab)), source)
    await desk.run('reset', '04')
  })
  afterAll(() => desk.remove())

  const npmTest = (): Promise<Outcome> => desk.run('test', '04')

  test('begins with holes: every test says what is to be written', async () => {
    const { code, output } = await npmTest()
    expect(code).toBe(1)
    for (const { part, task } of regionsOf(lab, reference).slice(0, 2)) {
      expect(output).toContain(`not written yet: ${part}: ${task}`)
    }
    expect(output).toMatch(/^0 of \d+ tests pass/m)
  })

  test('passes with the bodies of the reference in the holes', async () => {
    writeFileSync(file, filled(readFileSync(file, 'utf8')))
    const { code, output } = await npmTest()
    expect(output).toMatch(/^(\d+) of \1 tests pass/m)
    expect(code).toBe(0)
  })

  const missing = missingPackages(['zookeeper'])
  test.skipIf(missing.length > 0 && !interopRequired)(
    'serves a real zkCli.sh with that file, which no module of the reference takes the place of',
    async () => {
      writeFileSync(
        file,
        `${readFileSync(file, 'utf8')}\nconsole.error('the file of the student is loaded')\n`,
      )
      expect((await npmTest()).code, 'a lab counts as finished when its tests have passed').toBe(0)
      const server = await startServer(mine(desk.folder))
      try {
        expect(server.output()).toContain(`zk-server runs your labs 04 (${swap})`)
        expect(server.output()).toContain('the file of the student is loaded')
        const cli = await zkCli(server.address)
        expect(await cli.ask('create /mine "my own bytes"')).toEqual(['Created /mine'])
        expect(await cli.ask('get -w /mine')).toEqual(['my own bytes'])
        await cli.ask('set /mine ünï')
        await cli.event('type:NodeDataChanged path:/mine')
        expect(await cli.ask('get /mine')).toEqual(['ünï'])
        expect(await cli.ask('delete /mine')).toEqual([])
        await cli.quit()
      } finally {
        await server.stop()
      }
    },
  )

  test('hears of a mistake that the visible tests let through, by the name of what is wrong', async () => {
    const mutant = (await mutantsOf(lab)).find(({ name }) => name === 'hands out the frame')!
    cpSync(path.join(mutantSubject(lab, mutant).folder, source), file)
    expect((await npmTest()).code).toBe(0)
    const runner = await openRunner()
    const { tests } = await runner.run(testFiles(hiddenTests(lab)), [
      { folder: path.join(desk.folder, shown(studentSource(lab))), swaps: lab.swaps },
    ])
    await runner.close()
    const failed = tests.filter(({ state }) => state !== 'passed')
    expect(failed.map(({ name }) => name)).toEqual(['a buffer that was read has its own bytes'])
    expect(failed[0]?.failure?.message).toContain('two buffers were read, then the frame was overwritten')
  })
})

/** The stub with the solution's lines in the place of each Todo. */
function filled(stub: string): string {
  const lines = new Map(
    regionsOf(lab, reference).map(({ part, task, lines }) => [`${lab.id} ${part}: ${task}`, lines]),
  )
  return stub
    .split('\n')
    .flatMap(line => {
      const [, task] = /throw new Todo\('(.*)'\)/.exec(line) ?? []
      return task === undefined ? [line] : (lines.get(task) ?? [line])
    })
    .join('\n')
}
