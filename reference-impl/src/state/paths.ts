/**
 * What may be the path of a znode, and how paths take apart.
 * A path is absolute, names each level once and never ends in a slash: `/`, `/a`, `/a/b`.
 * Characters that no tool can show, or that encoders disagree about, are refused. Source: Apache's PathUtils.
 */

/** What is wrong with the path, in words that follow "the path …"; null when nothing is. */
export function pathFault(path: string): string | null {
  if (path === '') return 'is empty'
  if (path.charCodeAt(0) !== slash) return 'does not start with /'
  if (path.length === 1) return null
  if (path.charCodeAt(path.length - 1) === slash) return 'ends in /'
  let nameStart = 1
  for (let at = 1; at <= path.length; at++) {
    const char = at === path.length ? slash : path.charCodeAt(at)
    if (char === slash) {
      const length = at - nameStart
      if (length === 0) return 'has an empty name in it'
      if (length === 1 && path.charCodeAt(nameStart) === dot) return 'has the name . in it'
      if (length === 2 && path.startsWith('..', nameStart)) return 'has the name .. in it'
      nameStart = at + 1
    } else if (char < 0x20 || (char >= 0x7f && isForbidden(char))) {
      return `has the character 0x${char.toString(16)} in it`
    }
  }
  return null
}

/** The path one level up: `/` for `/a`, and for the root itself. The path must hold a slash. */
export function parentOf(path: string): string {
  const end = path.lastIndexOf('/')
  return end <= 0 ? '/' : path.slice(0, end)
}

/** The last name of a path: `b` for `/a/b`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

const slash = 0x2f
const dot = 0x2e

/** Control characters, surrogates with the private area, and the specials at the end of the plane. */
function isForbidden(char: number): boolean {
  return char <= 0x9f || (char >= 0xd800 && char <= 0xf8ff) || char >= 0xfff0
}
