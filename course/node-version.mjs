/** In a file of its own, in plain and old JavaScript: it must run on every Node there is in order to turn one away. */
const needed = [20, 19]

/**
 * What to tell somebody whose Node is too old, or null when it will do.
 * @param {string} version as in `process.versions.node`
 * @returns {string | null}
 */
export function nodeTooOld(version) {
  const [major, minor] = version.split('.').map(Number)
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return null
  return (
    'This course needs Node ' +
    needed.join('.') +
    ' or newer, and this is ' +
    version +
    '.\n' +
    'Get a current one from https://nodejs.org (or `nvm install 22`), run `npm ci` again, then this command.'
  )
}
