import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Program } from './copy.ts'
import { type SmallCourse, smallCourse } from './small-course.ts'

/** Says its arguments and serves them: all that `npm start` asks of the real one. */
const fakeSite = `import { createServer } from 'node:http'
const option = name => process.argv[process.argv.indexOf(name) + 1]
console.log('a fake site', process.argv.slice(2).join(' '))
createServer((_request, response) => response.end('the chapters')).listen(Number(option('--port')), option('--host'))
`

describe('npm start', { timeout: 60_000 }, () => {
  let course: SmallCourse
  let program: Program | null = null
  beforeEach(() => {
    course = smallCourse()
    course.write('site/core/bin/docusaurus.mjs', fakeSite)
    course.write('site/core/package.json', JSON.stringify({ name: '@docusaurus/core', version: '1.0.0' }))
    course.write('site/package.json', JSON.stringify({ dependencies: { '@docusaurus/core': 'file:./core' } }))
    course.write(
      'site/package-lock.json',
      JSON.stringify({
        lockfileVersion: 3,
        packages: {
          '': { dependencies: { '@docusaurus/core': 'file:./core' } },
          core: { name: '@docusaurus/core', version: '1.0.0' },
          'node_modules/@docusaurus/core': { resolved: 'core', link: true },
        },
      }),
    )
  })
  afterEach(async () => {
    await program?.end()
    course.remove()
  })

  test('installs the packages of the site once, serves it without a terminal, and takes it along when it ends', async () => {
    program = course.start('start')
    const said = await program.says('(Ctrl-C)')
    expect(said).toContain("Installing the site's packages")
    expect(said).toContain('npm ci --prefix site')
    const [, address] = /Serving the chapters at (\S+)/.exec(said)!
    expect(await (await fetch(address!)).text()).toBe('the chapters')

    await program.end()
    expect(await program.exit).toBe(0)
    await expect(fetch(address!)).rejects.toThrow()

    program = course.start('start')
    expect(await program.says('(Ctrl-C)')).not.toContain('Installing')
  })

  test('a port in use is passed over', async () => {
    const other = createServer().listen(3000, '127.0.0.1')
    other.on('error', () => {})
    program = course.start('start')
    const [, port] = /127\.0\.0\.1:(\d+)/.exec(await program.says('(Ctrl-C)'))!
    other.close()
    expect(Number(port)).toBeGreaterThan(3000)
  })

  test('a site that dies is told with where to look', async () => {
    course.write('site/core/bin/docusaurus.mjs', "console.log('a broken link')\nprocess.exit(3)\n")
    const { code, output } = await course.run('start')
    expect(output).toContain('The site ended with code 3: .course/site.log says why.')
    expect(course.read('.course/site.log')).toContain('a broken link')
    expect(code).toBe(1)
  })

  test('packages that cannot be installed, and a copy without a site, leave the chapters to read', async () => {
    course.write('site/package-lock.json', '{ half')
    const broken = await course.run('start')
    expect(broken.output).toMatch(
      /The site's packages could not be installed \(npm ended with code \d+\)\. Read the chapters in/,
    )
    expect(broken.code).toBe(1)
    course.delete('site')
    const without = await course.run('start')
    expect(without.output).toContain('This copy of the course comes without the site. Read the chapters in')
    expect(without.code).toBe(1)
  })
})
