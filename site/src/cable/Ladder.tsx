/** The frames in the order of time, as arrows between two ends. */
import Translate, { translate } from '@docusaurus/Translate'
import type { ReactNode } from 'react'
import styles from './cable.module.css'
import type { Choice } from './choice.ts'
import type { Message } from './messages.ts'
import type { Row } from './play.ts'
import { fateName, messageName, timeName } from './words.ts'

export function Ladder({ rows, where }: { rows: readonly Row[]; where: Choice['where'] }): ReactNode {
  return (
    <ol className={styles.ladder}>
      <li className={styles.ends} aria-hidden="true">
        <span>
          <Translate id="cable.program">program</Translate>
        </span>
        <span>
          <Translate id="cable.server">server</Translate>
        </span>
      </li>
      {rows.map((row, i) =>
        row.type === 'dial' ? (
          // Rows only ever come at the end: their place is what they are known by.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={i} className={styles.dial}>
            <span className={styles.time}>{timeName(row.at)}</span>
            <span>
              {i === 0
                ? translate({ id: 'cable.dials', message: 'the program connects' })
                : translate({
                    id: 'cable.redials',
                    message: 'it connects again, to its old session if it has one',
                  })}
            </span>
          </li>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={i} className={styles.message} data-way={row.way} data-cut={row.isCut ? where : 'no'}>
            <span className={styles.time}>{timeName(row.at)}</span>
            <span className={styles.number}>{row.nth}</span>
            <span className={styles.label}>
              <Label message={row.message} />
              {row.isCut && <strong className={styles.fate}>{fateName(where, row.way)}</strong>}
            </span>
            <span className={styles.arrow} aria-hidden="true" />
          </li>
        ),
      )}
    </ol>
  )
}

function Label({ message }: { message: Message }): ReactNode {
  const { name, text } = messageName(message)
  return (
    <>
      <code>{name}</code>
      {text !== null && <span className={styles.text}>{text}</span>}
    </>
  )
}
