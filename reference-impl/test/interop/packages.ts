/**
 * The real clients and the real server, where Debian puts them. A machine without them skips the tests that need
 * them and says which package to install; with CI=true or REQUIRE_INTEROP=1 a missing package is a failure, because
 * there a skipped test would pass for a promise kept.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'

export const zkCliScript = '/usr/share/zookeeper/bin/zkCli.sh'
export const zookeeperJar = '/usr/share/java/zookeeper.jar'
/** Lets Apache's server write its log to stderr. */
export const simpleLogJar = '/usr/share/java/slf4j-simple.jar'
/** What of Netty TLS needs, and Debian leaves out of the jar's own class path. */
export const nettyJars = ['codec', 'resolver'].map(part => `/usr/share/java/netty-${part}.jar`)
/** What its AdminServer needs; the package depends on them, and the jar does not say so. */
export const jettyJars = [
  ...['http', 'io', 'security', 'server', 'servlet', 'util', 'util-ajax'].map(part => `jetty9-${part}`),
  ...['annotations', 'core', 'databind'].map(part => `jackson-${part}`),
  'servlet-api',
].map(name => `/usr/share/java/${name}.jar`)
/** Debian's own Python, which sees Debian's kazoo whatever other Python comes first in PATH. */
export const python = '/usr/bin/python3'

/** The Debian packages, each with the files we need of it. */
const filesOf = {
  zookeeper: [zkCliScript, zookeeperJar, simpleLogJar, ...nettyJars, ...jettyJars, '/usr/bin/java'],
  openssl: [onPath('openssl')],
  'python3-kazoo': [python, '/usr/lib/python3/dist-packages/kazoo'],
  'libzookeeper-st-dev': ['/usr/include/zookeeper/zookeeper.h'],
  gcc: [onPath('cc')],
} as const

export type Package = keyof typeof filesOf

export function missingPackages(packages: readonly Package[]): Package[] {
  return packages.filter(name => !filesOf[name].every(file => existsSync(file)))
}

export const interopRequired = process.env.CI === 'true' || process.env.REQUIRE_INTEROP === '1'

function onPath(program: string): string {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  return (
    folders.map(folder => path.join(folder, program)).find(file => existsSync(file)) ?? `/usr/bin/${program}`
  )
}
