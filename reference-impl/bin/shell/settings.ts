/**
 * What users of Apache's zkCli.sh tell it by Java properties: in a file (`-client-configuration`), as `-Dname=value`, or in
 * CLIENT_JVMFLAGS and JVMFLAGS, whose words zkCli.sh hands on to Java. Names that have no meaning here are warned of where
 * they stand in a file; the variables may be meant for other programs.
 * Source: Apache's zkCli.sh, ZKClientConfig, ZKConfig, ClientX509Util and ZooKeeperSaslClient.
 */
import { readFileSync } from 'node:fs'
import type { ZooKeeperOptions } from '../../src/client/zookeeper.ts'
import { loginOf } from '../../src/server/jaas.ts'
import type { StoreFile } from '../stores.ts'

type Properties = ReadonlyMap<string, string>

/** The wrong word of somebody who starts the shell. */
export class StartError extends Error {}

/** The words of the variables count less than those behind the command's name, and the file most. */
export async function propertiesOf(
  flags: readonly (string | undefined)[],
  options: readonly string[],
  file: string | undefined,
  warn: (text: string) => void,
): Promise<Properties> {
  const properties = new Map<string, string>()
  const words = flags.flatMap(each => each?.split(/\s+/) ?? [])
  for (const word of [...words, ...options]) {
    const [, key, value = ''] = /^-D([^=]+)(?:=(.*))?$/s.exec(word) ?? []
    if (key !== undefined) properties.set(key, value)
  }
  if (file === undefined) return properties
  const { parseProperties } = await import('../../src/server/config.ts')
  for (const { key, value, line } of parseProperties(textOf(file, '-client-configuration '))) {
    properties.set(key, value)
    if (!known.has(key) && !key.startsWith(tlsPrefix)) warn(`${file}:${line}: ${key} has no meaning here`)
  }
  return properties
}

const tlsPrefix = 'zookeeper.ssl.'
const sslSettings = ['keyStore', 'trustStore'].flatMap(store =>
  ['location', 'password', 'passwordPath', 'type'].map(part => `${tlsPrefix}${store}.${part}`),
)

const jaasFile = 'java.security.auth.login.config'
const known: ReadonlySet<string> = new Set([
  jaasFile,
  'jute.maxbuffer',
  'zookeeper.client.secure',
  // Which class of Java's speaks to the server: there is one way here, for TLS and for none.
  'zookeeper.clientCnxnSocket',
  'zookeeper.fips-mode',
  'zookeeper.request.timeout',
  'zookeeper.sasl.client',
  'zookeeper.sasl.clientconfig',
  ...sslSettings,
  'zookeeper.ssl.hostnameVerification',
])

/** What the properties say of a client. Throws StartError where that cannot be done. */
export async function clientOptions(
  properties: Properties,
  warn: (text: string) => void,
): Promise<ZooKeeperOptions> {
  const options: ZooKeeperOptions = {}
  const timeout = whole(properties, 'zookeeper.request.timeout')
  if (timeout !== undefined) options.requestTimeout = timeout
  const maxBuffer = whole(properties, 'jute.maxbuffer')
  if (maxBuffer !== undefined) options.maxBuffer = maxBuffer
  const sasl = saslOf(properties, warn)
  if (sasl !== undefined) options.sasl = sasl
  if (isTrue(properties, 'zookeeper.client.secure', false)) options.tls = await tlsOf(properties, warn)
  return options
}

async function tlsOf(
  properties: Properties,
  warn: (text: string) => void,
): Promise<NonNullable<ZooKeeperOptions['tls']>> {
  for (const key of properties.keys()) {
    if (key.startsWith(tlsPrefix) && !known.has(key)) warn(`${key} has no meaning here`)
  }
  const { clientKeysIn } = await import('../stores.ts')
  const keys = await clientKeysIn(tlsPrefix, store(properties, 'keyStore'), store(properties, 'trustStore'))
  if ('error' in keys) throw new StartError(keys.error)
  return { ...keys, checksHost: isTrue(properties, 'zookeeper.ssl.hostnameVerification', true) }
}

function store(properties: Properties, name: 'keyStore' | 'trustStore'): StoreFile | null {
  const part = (end: string): string | undefined => properties.get(`${tlsPrefix}${name}.${end}`)
  const location = part('location')
  if (location === undefined || location === '') return null
  return { location, password: part('password') ?? '', passwordPath: part('passwordPath') || null }
}

function saslOf(properties: Properties, warn: (text: string) => void): ZooKeeperOptions['sasl'] {
  const file = properties.get(jaasFile)
  if (file === undefined || !isTrue(properties, 'zookeeper.sasl.client', true)) return undefined
  const where = `${jaasFile}=${file}`
  const section = properties.get('zookeeper.sasl.clientconfig') ?? 'Client'
  const found = loginOf(textOf(file, `${jaasFile}=`), section)
  if ('error' in found) throw new StartError(`${where}: ${found.error}`)
  if (found.login === null) {
    warn(`${where}: there is no section ${section} in it, so nobody is logged in by SASL`)
    return undefined
  }
  if (isTrue(properties, 'zookeeper.fips-mode', false)) {
    throw new StartError(
      `${where}: DIGEST-MD5 is forbidden by zookeeper.fips-mode=true: take out one of the two`,
    )
  }
  return found.login
}

function textOf(file: string, before: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new StartError(
      `${before}${file}: the file cannot be read (${(error as NodeJS.ErrnoException).code})`,
    )
  }
}

function isTrue(properties: Properties, key: string, otherwise: boolean): boolean {
  return (properties.get(key) ?? String(otherwise)).trim().toLowerCase() === 'true'
}

function whole(properties: Properties, key: string): number | undefined {
  const text = properties.get(key)?.trim()
  if (text === undefined) return undefined
  // As Java takes them for jute.maxbuffer, in sixteens, too.
  if (!/^(\d+|0x[\da-f]+)$/i.test(text)) throw new StartError(`${key}=${text} is no whole number`)
  return Number(text)
}
