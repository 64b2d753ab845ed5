/**
 * The last lines of a run: what the test reports (vitest's JSON) add up to. Fails when a conversation with a real client
 * or a real server was skipped or is missing, or was held with one of the two servers only: such a test would look like a
 * promise kept.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'

const testResults = process.argv.slice(2).flatMap(file => JSON.parse(readFileSync(file, 'utf8')).testResults)
const tests = testResults.flatMap(({ name, status, message, assertionResults }) => {
  const file = path.relative('.', name)
  // A file that cannot even be loaded has no tests, and is no success.
  if (assertionResults.length === 0 && status === 'failed') return [{ file, status, fullName: message }]
  return assertionResults.map(({ status, fullName }) => ({ file, status, fullName }))
})
const passed = tests.filter(test => test.status === 'passed')
const failed = tests.filter(test => test.status === 'failed')
const skipped = tests.filter(test => test.status !== 'passed' && test.status !== 'failed')

const isInterop = ({ file }) => /^reference-impl\/test\/(interop\/|client\/against)/.test(file)
const interop = tests.filter(isInterop)
const problems = []
for (const client of ['zkCli.sh', 'kazoo', 'the C client', 'our client', 'zk-cli']) {
  const [theirs, ours] = ["Apache's server", 'our server'].map(server => {
    const title = `${client} and ${server} `
    const named = interop.filter(test => test.fullName.startsWith(title) && test.status === 'passed')
    if (named.length === 0) problems.push(`no test passed between ${title.trim()}`)
    return new Set(named.map(test => test.fullName.slice(title.length)))
  })
  if (theirs.size === 0 || ours.size === 0) continue
  for (const name of [...theirs, ...ours].filter(name => !theirs.has(name) || !ours.has(name))) {
    problems.push(`${client} has passed with only one of the two servers: ${name}`)
  }
}
for (const test of skipped) {
  const which = `${test.file}: ${test.fullName}`
  if (interop.includes(test)) problems.push(`a conversation with a real client was skipped: ${which}`)
  else console.log(`skipped: ${which}`)
}
for (const problem of problems) console.log(problem)
console.log(`${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped`)
if (problems.length > 0) process.exitCode = 1
