/**
 * What a page of the site needs to run a student's file: the page's play, bundled anew with that file in it each time it
 * is asked for. `npm start` serves these beside the site, to the pages of this machine and to nobody else.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { build } from 'esbuild'
import { Complaint } from './complaint.ts'
import { madeLabs } from './labs.ts'
import { madeRecords } from './made-records.ts'
import type { Lab } from './manifest.ts'
import { root } from './paths.ts'
import { esbuildPlugin, type Subject } from './swap.ts'
import { complaintAbout, studentOf } from './trial.ts'

export interface PageFiles {
  /** Without a slash at its end; `/cable/10.js` behind it is the play of the page `/cable` with the file of lab 10. */
  address: string
  close(): void
}

export async function servePageFiles(): Promise<PageFiles> {
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { origin } = request.headers
  if (origin !== undefined && /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/.test(origin)) {
    response.setHeader('access-control-allow-origin', origin)
  }
  const [, page, id] = /^\/([a-z]+)\/(\d\d)\.js$/.exec(request.url ?? '') ?? []
  const lab = madeLabs.find(known => known.id === id)
  if (page === undefined || lab === undefined) return end(response, 404, 'There is no such play.')
  try {
    end(response, 200, await playOf(page, lab))
  } catch (error) {
    if (!(error instanceof Complaint)) throw error
    end(response, 422, error.message)
  }
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'no-store',
  })
  response.end(text)
}

async function playOf(page: string, lab: Lab): Promise<string> {
  const complaint = await complaintAbout(lab)
  if (complaint !== null) throw new Complaint(complaint)
  return bundledPlay(page, [lab], studentOf(lab))
}

/** A script for a worker: it takes a choice, and gives what came of it. */
export async function bundledPlay(page: string, labs: readonly Lab[], subject: Subject): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [path.join('site', 'src', page, 'worker.ts')],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    logLevel: 'silent',
    plugins: [...(await madeRecords(labs)), esbuildPlugin([subject])],
  }).catch((error: Error) => {
    throw new Complaint(error.message)
  })
  return outputFiles[0]!.text
}
