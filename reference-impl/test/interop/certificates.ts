/** An authority for the length of a test, and those whom it vouches for: made anew each time with openssl. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

export interface Authority {
  /** The certificate of the authority, a file in PEM. */
  trust: string
  /** Files in PEM: the certificate of somebody, his key, and both in one. */
  certify(name: string, subject: string, more?: { kind?: 'ec' | 'rsa'; names?: string }): Certified
  /** Where a file of this name is, or may be made. */
  file(name: string): string
  /** Runs a program in the folder of all these files. */
  run(program: string, ...args: string[]): void
  dispose(): void
}

export interface Certified {
  certificate: string
  key: string
  both: string
}

export function authority(): Authority {
  const folder = mkdtempSync(path.join(tmpdir(), 'interop-tls-'))
  const file = (name: string): string => path.join(folder, name)
  const run = (program: string, ...args: string[]): void => {
    execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  }
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  const kinds = { ec, rsa: ['-newkey', 'rsa:2048'] }
  const fresh = ['-nodes', '-utf8', '-batch']
  run(
    'openssl',
    'req',
    '-x509',
    ...ec,
    ...fresh,
    '-keyout',
    'ca.key',
    '-subj',
    '/CN=Authority',
    '-out',
    'ca.pem',
  )
  return {
    trust: file('ca.pem'),
    certify(name, subject, { kind = 'ec', names = '' } = {}) {
      const certificate = file(`${name}.crt`)
      const key = file(`${name}.key`)
      run(
        'openssl',
        'req',
        '-new',
        ...kinds[kind],
        ...fresh,
        '-keyout',
        key,
        '-subj',
        subject,
        '-out',
        `${name}.csr`,
      )
      writeFileSync(file(`${name}.ext`), names === '' ? '' : `subjectAltName=${names}\n`)
      const signed = ['-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial']
      run('openssl', 'x509', ...signed, '-days', '2', '-extfile', `${name}.ext`, '-out', certificate)
      const both = file(`${name}.pem`)
      writeFileSync(both, readFileSync(key, 'utf8') + readFileSync(certificate, 'utf8'))
      return { certificate, key, both }
    },
    file,
    run,
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}
