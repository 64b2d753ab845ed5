/** Whose file plays: the reference's, or that of whoever reads. Only `npm start` knows of files of one's own. */

import Translate, { translate } from '@docusaurus/Translate'
import useDocusaurusContext from '@docusaurus/useDocusaurusContext'
import { type ReactNode, useId } from 'react'
import { labs as allLabs } from '../../../course/manifest.ts'
import styles from './own.module.css'
import type { Play, Script } from './use-play.ts'

/** Where the scripts are of plays with one's own files; null when nobody serves any. */
export function useOwnFiles(): string | null {
  const { siteConfig } = useDocusaurusContext()
  return (siteConfig.customFields?.ownFiles as string | null | undefined) ?? null
}

export function scriptOf(ownFiles: string | null, page: string, lab: string | null): Script {
  return ownFiles === null || lab === null ? null : `${ownFiles}/${page}/${lab}.js`
}

interface WhoseProps {
  /** The labs whose files play a part here. */
  labs: readonly string[]
  /** Null: the reference's. */
  chosen: string | null
  onChoice(lab: string | null): void
}

export function Whose({ labs, chosen, onChoice }: WhoseProps): ReactNode {
  const id = useId()
  if (useOwnFiles() === null) return null
  const made = allLabs.filter(({ id, status }) => status === 'made' && labs.includes(id))
  return (
    <div className={styles.whose}>
      <label htmlFor={id}>
        <Translate id="own.whose">Played by</Translate>
      </label>
      <select
        id={id}
        value={chosen ?? ''}
        onChange={({ target }) => onChoice(target.value === '' ? null : target.value)}
      >
        <option value="">{translate({ id: 'own.reference', message: 'the reference' })}</option>
        {made.map(({ id: lab, title }) => (
          <option key={lab} value={lab}>
            {translate({ id: 'own.mine', message: 'my lab {lab}, {title}' }, { lab, title })}
          </option>
        ))}
      </select>
    </div>
  )
}

/** Why there is nothing to be seen, if there is not. */
export function Trouble({ play, lab }: { play: Play<unknown>; lab: string | null }): ReactNode {
  if (play.type === 'played') return null
  return (
    <div className={styles.trouble} role="alert">
      <p>{headline(play)}</p>
      {'message' in play && <pre>{play.message}</pre>}
      {lab !== null && (
        <p>
          <Translate id="own.advice" values={{ command: <code>npm test {lab}</code> }}>
            {'{command} says more.'}
          </Translate>
        </p>
      )}
    </div>
  )
}

function headline(play: Exclude<Play<unknown>, { type: 'played' }>): string {
  switch (play.type) {
    case 'failed':
      return play.name === 'Todo'
        ? translate({ id: 'own.todo', message: 'It came to a hole that is not filled yet.' })
        : translate({ id: 'own.failed', message: 'It ended with an error.' })
    case 'refused':
      return translate({ id: 'own.refused', message: 'Your file cannot be run.' })
    case 'alone':
      return translate({
        id: 'own.alone',
        message: 'Nobody serves your files any more: npm start has ended.',
      })
    case 'endless':
      return translate({ id: 'own.endless', message: 'It did not come to an end within five seconds.' })
  }
}
