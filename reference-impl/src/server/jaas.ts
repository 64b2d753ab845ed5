/**
 * The file that tells a Java program how its users log in: sections with a name, in each the modules to ask, with
 * their options. Ours is asked for one thing, names and passwords for DIGEST-MD5; so one file serves Apache's programs and
 * these.
 *
 *     Server {
 *       org.apache.zookeeper.server.auth.DigestLoginModule required
 *       user_ann="secret";
 *     };
 *     Client {
 *       org.apache.zookeeper.server.auth.DigestLoginModule required
 *       username="ann" password="secret";
 *     };
 *
 * Source: javax.security.auth.login.Configuration, Apache's ServerCnxnFactory and ZooKeeperSaslClient.
 */

interface Module {
  name: string
  options: ReadonlyMap<string, string>
}

export type Users = { users: ReadonlyMap<string, string> | null } | { error: string }

const digestModule = 'org.apache.zookeeper.server.auth.DigestLoginModule'

/** The users in one section of the file, with their passwords; null when there is no such section. */
export function usersOf(text: string, section: string): Users {
  const found = optionsOf(text, section)
  if ('error' in found) return found
  if (found.options === null) return { users: null }
  const users = found.options.filter(([key]) => key.startsWith('user_'))
  return { users: new Map(users.map(([key, value]) => [key.slice(5), value])) }
}

/** As whom a client logs in by one section of the file; null when there is no such section. */
export function loginOf(
  text: string,
  section: string,
): { login: { username: string; password: string } | null } | { error: string } {
  const found = optionsOf(text, section)
  if ('error' in found) return found
  if (found.options === null) return { login: null }
  const { username, password } = Object.fromEntries(found.options)
  if (username === undefined || password === undefined) {
    return { error: `the section ${section} must have a username="…" and a password="…"` }
  }
  return { login: { username, password } }
}

/** What the modules of a section are told, all of them together. */
function optionsOf(
  text: string,
  section: string,
): { options: [key: string, value: string][] | null } | { error: string } {
  const parsed = parseSections(text)
  if ('error' in parsed) return parsed
  const modules = parsed.sections.get(section)
  if (modules === undefined) return { options: null }
  const other = modules.find(({ name }) => name !== digestModule)
  if (other !== undefined) {
    return { error: `the section ${section} asks for ${other.name}: here is only ${digestModule}` }
  }
  return { options: modules.flatMap(({ options }) => [...options]) }
}

/** Names and numbers, quoted texts, and the signs between them; comments and space are what is left out. */
const tokens =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[{};=]|[^\s"'{};=/]+)|([\s\S])/g

function parseSections(text: string): { sections: Map<string, Module[]> } | { error: string } {
  const words: string[] = []
  const lines: number[] = []
  let line = 1
  for (const [whole, word, stray] of text.matchAll(tokens)) {
    if (stray !== undefined) return { error: `line ${line}: ${stray} has no meaning here` }
    if (word !== undefined) {
      words.push(word)
      lines.push(line)
    }
    line += whole.split('\n').length - 1
  }

  let at = 0
  const sections = new Map<string, Module[]>()
  const fault = (wanted: string) => {
    const found = words[at] === undefined ? 'at the end' : `before ${words[at]}`
    return { error: `line ${lines[at] ?? line}: ${wanted} is missing ${found}` }
  }
  const skip = (sign: string) => words[at] === sign && at++ >= 0
  const name = () => (/^[^{};=]/.test(words[at] ?? '') ? unquoted(words[at++]!) : null)
  while (at < words.length) {
    const section = name()
    if (section === null) return fault('the name of a section')
    if (!skip('{')) return fault('{')
    const modules: Module[] = []
    while (!skip('}')) {
      const module = name()
      if (module === null) return fault('the name of a login module, or }')
      if (name() === null) return fault('required, requisite, sufficient or optional')
      const options = new Map<string, string>()
      while (!skip(';')) {
        const key = name()
        if (key === null) return fault('the ; after the options')
        if (!skip('=')) return fault('the = after an option')
        const value = name()
        if (value === null) return fault('the value of an option')
        options.set(key, value)
      }
      modules.push({ name: module, options })
    }
    if (!skip(';')) return fault('the ; after }')
    sections.set(section, modules)
  }
  return { sections }
}

function unquoted(word: string): string {
  return /^["']/.test(word) ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word
}
