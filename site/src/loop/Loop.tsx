/**
 * The loop of the course as a moving picture: a file, the verdict on it, and what a client of the running server sees.
 * Nothing is painted: the version that one picks runs here, in the reference's place.
 */
import Translate, { translate } from '@docusaurus/Translate'
import { usePluginData } from '@docusaurus/useGlobalData'
import CodeBlock from '@theme/CodeBlock'
import { type ReactNode, useState } from 'react'
import { zxid as reference } from '../../../reference-impl/src/wire/zxid.ts'
import { zxid as number } from './attempts/number.ts'
import { zxid as shift } from './attempts/shift.ts'
import { type Check, judge, type MakeZxid, statLines, type Verdict } from './judge.ts'
import styles from './loop.module.css'

const versions = { shift, number, reference } satisfies Record<string, MakeZxid>
type Version = keyof typeof versions
export type LoopSources = Record<Version, string>

export function Loop(): ReactNode {
  const [version, setVersion] = useState<Version>('shift')
  const sources = usePluginData('loop-sources') as LoopSources
  const verdicts = judge(versions[version])
  return (
    <div className={styles.loop}>
      <fieldset className={styles.choice}>
        <legend>
          <Translate id="loop.choice">Save the file as</Translate>
        </legend>
        {(Object.keys(versions) as Version[]).map(known => (
          <label key={known}>
            <input
              type="radio"
              name="version"
              checked={known === version}
              onChange={() => setVersion(known)}
            />
            {versionName(known)}
          </label>
        ))}
      </fieldset>
      <ol className={styles.stations}>
        <li>
          <h3>
            <Translate id="loop.file">Your file</Translate>
          </h3>
          <p className={styles.where}>labs/00-preface/src/wire/zxid.ts</p>
          <CodeBlock language="ts">{sources[version]}</CodeBlock>
        </li>
        <li aria-live="polite">
          <h3>
            <Translate id="loop.verdict">The verdict</Translate>
          </h3>
          <p className={styles.where}>npm test 00</p>
          <ul className={styles.verdicts}>
            {verdicts.map(verdict => (
              <VerdictLine key={verdict.check} {...verdict} />
            ))}
          </ul>
        </li>
        <li aria-live="polite">
          <h3>
            <Translate id="loop.client">The client</Translate>
          </h3>
          <p className={styles.where}>npx zk-server --mine zoo.cfg</p>
          <pre className={styles.terminal}>
            <span className={styles.prompt}>zkCli.sh&gt;</span> stat /hello{'\n'}
            {statLines(versions[version]).join('\n')}
          </pre>
          <p className={styles.consequence}>{consequence(version)}</p>
        </li>
      </ol>
    </div>
  )
}

function VerdictLine({ check, passed, actual, expected }: Verdict): ReactNode {
  return (
    <li className={passed ? styles.passed : styles.failed}>
      <span className={styles.mark}>
        {passed
          ? translate({ id: 'loop.passed', message: '✓' })
          : translate({ id: 'loop.failed', message: '✗' })}
      </span>
      <div>
        {checkName(check)}
        {!passed && (
          <dl>
            <dt>
              <Translate id="loop.actual">got</Translate>
            </dt>
            <dd>{actual}</dd>
            <dt>
              <Translate id="loop.expected">wanted</Translate>
            </dt>
            <dd>{expected}</dd>
          </dl>
        )}
      </div>
    </li>
  )
}

function versionName(version: Version): string {
  switch (version) {
    case 'shift':
      return translate({ id: 'loop.version.shift', message: 'a first try' })
    case 'number':
      return translate({ id: 'loop.version.number', message: 'a second try' })
    case 'reference':
      return translate({ id: 'loop.version.reference', message: 'done' })
  }
}

function checkName(check: Check): string {
  switch (check) {
    case 'parts':
      return translate({ id: 'loop.check.parts', message: 'a zxid gives back its epoch and its counter' })
    case 'epochs':
      return translate({
        id: 'loop.check.epochs',
        message: 'a new epoch begins above everything in the old one',
      })
    case 'bits':
      return translate({ id: 'loop.check.bits', message: 'no bit is lost, up to the last epoch' })
  }
}

function consequence(version: Version): string {
  switch (version) {
    case 'shift':
      return translate({
        id: 'loop.consequence.shift',
        message: 'The server runs, but two transactions of two leaders now have one name.',
      })
    case 'number':
      return translate({
        id: 'loop.consequence.number',
        message: 'All looks well, for two million elections. A test does not wait that long.',
      })
    case 'reference':
      return translate({
        id: 'loop.consequence.reference',
        message: 'Created under the first leader, changed under the second.',
      })
  }
}
