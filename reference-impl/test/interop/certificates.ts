/** An authority for the length of a test, and those whom it vouches for: made anew each time with openssl. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

export interface Authority {
  /** The certificate of the authority, a file in PEM. */
  trust: string
  /** Files in PEM: the certificate of somebody, his key, and both in one. */
  certify(name: string, subject: string, more?: Certification): Certified
  /** Writes the list of those that it, or one that it vouches for, vouches for no longer, in DER, to a file of this name. */
  listRevoked(list: string, names: readonly string[], more?: { by?: string; isLate?: true }): void
  /** Where a file of this name is, or may be made. */
  file(name: string): string
  /** Runs a program in the folder of all these files. */
  run(program: string, ...args: string[]): void
  dispose(): void
}

interface Certification {
  kind?: 'ec' | 'rsa'
  /** Other names that the certificate is for. */
  names?: string
  /** The file with the list in which it would stand if it were revoked, or the address of the list. */
  list?: string
  /** Does it vouch for others? And who vouches for it, if not the authority itself? */
  isAuthority?: boolean
  by?: string
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
  const late = ['-crl_lastupdate', '20200101000000Z', '-crl_nextupdate', '20200201000000Z']
  const filesOf = (by: string, keyFlag = '-CAkey'): string[] => [
    by === 'ca' ? 'ca.pem' : `${by}.crt`,
    keyFlag,
    `${by}.key`,
  ]
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
    certify(name, subject, { kind = 'ec', names = '', list = '', isAuthority = false, by = 'ca' } = {}) {
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
      const extensions = [
        ...(names === '' ? [] : [`subjectAltName=${names}`]),
        ...(isAuthority ? ['basicConstraints=critical,CA:TRUE'] : []),
        ...(list === ''
          ? []
          : [`crlDistributionPoints=URI:${list.includes(':') ? list : pathToFileURL(file(list)).href}`]),
      ]
      writeFileSync(file(`${name}.ext`), extensions.map(line => `${line}\n`).join(''))
      const signed = ['-req', '-in', `${name}.csr`, '-CA', ...filesOf(by), '-CAcreateserial']
      run('openssl', 'x509', ...signed, '-days', '2', '-extfile', `${name}.ext`, '-out', certificate)
      const both = file(`${name}.pem`)
      writeFileSync(both, readFileSync(key, 'utf8') + readFileSync(certificate, 'utf8'))
      return { certificate, key, both }
    },
    listRevoked(list, names, { by = 'ca', isLate } = {}) {
      const settings = ['[ca]', 'default_ca=ca', '[ca]', 'database=index.txt', 'default_md=sha256']
      writeFileSync(file('ca.cnf'), [...settings, 'default_crl_days=2', ''].join('\n'))
      writeFileSync(file('index.txt'), '')
      const ca = ['ca', '-config', 'ca.cnf', '-cert', ...filesOf(by, '-keyfile')]
      for (const name of names) run('openssl', ...ca, '-revoke', `${name}.crt`)
      run('openssl', ...ca, '-gencrl', ...(isLate ? late : []), '-out', `${list}.pem`)
      run('openssl', 'crl', '-in', `${list}.pem`, '-outform', 'DER', '-out', list)
    },
    file,
    run,
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}
