import { describe, expect, test } from 'vitest'
import { usersOf } from '../../src/server/jaas.ts'

const digest = 'org.apache.zookeeper.server.auth.DigestLoginModule'

function users(text: string, section = 'Server') {
  const read = usersOf(text, section)
  if ('error' in read) return read.error
  return read.users === null ? null : Object.fromEntries(read.users)
}

describe('a JAAS file', () => {
  test('has the users of a section, and their passwords', () => {
    const file = `
      // for everybody
      Client { ${digest} required username="ann" password="x"; };
      /* for
         us */
      Server {
        ${digest} required debug=true
          user_super="admin-secret"  user_bob='b"b'
          user_ann="a\\"\\\\{};=//";
      };
    `
    expect(users(file)).toEqual({ super: 'admin-secret', bob: 'b"b', ann: 'a"\\{};=//' })
    expect(users(file, 'Client')).toEqual({})
    expect(users(file, 'server')).toBe(null)
  })

  test('may be empty', () => {
    expect(users('')).toBe(null)
    expect(users('Server {};')).toEqual({})
  })

  test('may ask for no module that is not here', () => {
    const kerberos = 'Server { com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true; };'
    expect(users(kerberos)).toBe(
      `the section Server asks for com.sun.security.auth.module.Krb5LoginModule: here is only ${digest}`,
    )
  })

  test.each([
    ['Server', 'line 1: { is missing at the end'],
    ['\nServer {\n', 'line 3: the name of a login module, or } is missing at the end'],
    ['Server {\nM;', 'line 2: required, requisite, sufficient or optional is missing before ;'],
    ['Server {\nM required a }', 'line 2: the = after an option is missing before }'],
    ['Server {\nM required a=;', 'line 2: the value of an option is missing before ;'],
    ['Server {\nM required a="x" }', 'line 2: the ; after the options is missing before }'],
    ['Server { M required; }\nClient', 'line 2: the ; after } is missing before Client'],
    ['/*\n*/ {', 'line 2: the name of a section is missing before {'],
    ['Server { M required a="x\n"; };', 'line 1: " has no meaning here'],
  ])('that is broken is told where: %j', (text, fault) => {
    expect(users(text)).toBe(fault)
  })
})
