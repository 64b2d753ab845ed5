import path from 'node:path'
import vm from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findLab } from '../manifest.ts'
import { bundledPlay, type PageFiles, servePageFiles } from '../page-files.ts'
import { solutionRoot } from '../paths.ts'

const ofAnyWorker = {
  AbortController,
  AbortSignal,
  MessageChannel,
  queueMicrotask,
  TextDecoder,
  TextEncoder,
  URL,
}

interface Answer {
  result?: { jobs: { told: string }[] }
  error?: { name: string; message: string }
}

interface Worker {
  postMessage(answer: Answer): void
  onmessage?(event: { data: unknown }): void
}

/** What a worker answers that runs this script and is sent this choice. */
function answerOf(script: string, choice: unknown): Promise<Answer> {
  return new Promise(resolve => {
    const inside: Worker = { ...ofAnyWorker, postMessage: resolve }
    vm.runInNewContext(script, inside as unknown as vm.Context)
    inside.onmessage!({ data: choice })
  })
}

const uncut = { frame: 0, where: 'before', habit: 'once' }

describe('A play of a page', () => {
  const lab = findLab('10')!

  test('runs with a file that is not the reference’s', async () => {
    const folder = path.join(solutionRoot(lab), 'alternative')
    const script = await bundledPlay('cable', [lab], { folder, swaps: lab.swaps })
    const { result } = await answerOf(script, uncut)
    expect(result!.jobs.map(({ told }) => told)).toEqual([
      '/jobs/job-0000000000',
      '/jobs/job-0000000001',
      '/jobs/job-0000000002',
    ])
  })

  describe('that is served', () => {
    let files: PageFiles
    beforeAll(async () => {
      files = await servePageFiles()
    })
    afterAll(() => files.close())

    test('says which hole of the student’s file it has come to', async () => {
      const response = await fetch(`${files.address}/cable/10.js`)
      expect(response.status).toBe(200)
      const { error } = await answerOf(await response.text(), uncut)
      expect(error).toMatchObject({ name: 'Todo', message: expect.stringMatching(/^Lab 10 [A-Z]: /) })
    })

    test('may be read by a page of this machine, and by no other', async () => {
      const allowed = async (origin: string) =>
        (await fetch(`${files.address}/cable/10.js`, { headers: { origin } })).headers.get(
          'access-control-allow-origin',
        )
      expect(await allowed('http://127.0.0.1:3000')).toBe('http://127.0.0.1:3000')
      expect(await allowed('http://127.0.0.1.example.org')).toBeNull()
      expect(await allowed('https://example.org')).toBeNull()
    })

    test('is there for pages and labs that there are', async () => {
      for (const address of ['/', '/cable/99.js', '/../package/10.js', '/nowhere/10.js']) {
        expect((await fetch(files.address + address)).ok, address).toBe(false)
      }
    })
  })
})
