import { describe, expect, test } from 'vitest'
import { type LoginOptions, logIn } from '../../src/session/login.ts'

const usual: LoginOptions = {
  superDigest: 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=',
  digestEnabled: true,
  digestAlgorithm: 'SHA1',
  ensembleNames: null,
}

const gained = (scheme: string, proof: string | null, options: Partial<LoginOptions> = {}) =>
  logIn(scheme, proof === null ? null : new TextEncoder().encode(proof), '10.1.2.3', { ...usual, ...options })

describe('a login', () => {
  test('with a password gives the id that Apache gives', () => {
    expect(gained('digest', 'u:p')).toEqual([{ scheme: 'digest', id: 'u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ=' }])
  })

  test('with the super password gives super as well', () => {
    expect(gained('digest', 'super:test')).toEqual([
      { scheme: 'super', id: '' },
      { scheme: 'digest', id: 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=' },
    ])
  })

  test('by address gives what the connection has already', () => {
    expect(gained('ip', null)).toEqual([{ scheme: 'ip', id: '10.1.2.3' }])
  })

  test('hashes as the operator wants it', () => {
    const [identity] = gained('digest', 'u:p', { digestAlgorithm: 'sha-256' })!
    expect(identity).toEqual({ scheme: 'digest', id: 'u:/Y8xRBngpX5duYn15uUqIRaIaCviy5TEwSk419hCwuA=' })
  })

  test('with a password fails when passwords are switched off', () => {
    expect(gained('digest', 'u:p', { digestEnabled: false })).toBe(null)
  })

  test('that names the ensemble gains nothing, and fails when the name is another', () => {
    const options = { ensembleNames: new Set(['blue', 'green']) }
    expect(gained('ensemble', 'green', options)).toEqual([])
    expect(gained('ensemble', 'red', options)).toBe(null)
    expect(gained('ensemble', 'red', { ensembleNames: new Set() })).toEqual([])
    expect(gained('ensemble', 'red')).toBe(null)
  })

  test.each(['world', 'auth', 'super', 'kerberos'])('with the scheme %s does not exist', scheme => {
    expect(gained(scheme, 'x')).toBe(null)
  })
})
