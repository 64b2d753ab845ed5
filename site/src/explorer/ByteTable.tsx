/** The picture in words: one line a field, in the order of the bytes. */
import Translate from '@docusaurus/Translate'
import type { ReactNode } from 'react'
import styles from './explorer.module.css'
import { toHex } from './hex.ts'
import { hue, isWithin } from './marks.ts'
import type { Reading, Span } from './message.ts'
import { valueName } from './words.ts'

/** Of a longer field the table shows so many bytes, and how many there are. */
const mostBytes = 16

export function ByteTable(props: {
  bytes: Uint8Array
  reading: Reading
  active: string | null
  onHover(path: string | null): void
}): ReactNode {
  const { spans, problem } = props.reading
  return (
    <section aria-labelledby="explorer-words">
      <h2 id="explorer-words">
        <Translate id="explorer.words">In words</Translate>
      </h2>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">
              <Translate id="explorer.words.field">Field</Translate>
            </th>
            <th scope="col">
              <Translate id="explorer.words.value">Value</Translate>
            </th>
            <th scope="col">
              <Translate id="explorer.words.bytes">Bytes</Translate>
            </th>
          </tr>
        </thead>
        <tbody onMouseLeave={() => props.onHover(null)}>
          {spans.map((span, order) => (
            <tr
              key={span.path}
              className={isWithin(span.path, props.active) ? styles.active : undefined}
              onMouseEnter={() => props.onHover(span.path)}
            >
              <th scope="row">
                <span className={`${styles.swatch} ${styles[hue(order)]}`} aria-hidden="true" />
                <code>{span.path}</code> <span className={styles.type}>{span.type}</span>
              </th>
              <td>{problem?.path === span.path ? <em>{problem.message}</em> : valueName(span)}</td>
              <td>
                <Place span={span} bytes={props.bytes} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Place({ span: { start, end }, bytes }: { span: Span; bytes: Uint8Array }): ReactNode {
  const hex = toHex(bytes.subarray(start, Math.min(end, start + mostBytes)), ' ')
  return (
    <>
      <span className={styles.place}>{end - start > 1 ? `${start}–${end - 1}` : start}</span>{' '}
      <code>{end - start > mostBytes ? `${hex} …` : hex}</code>
    </>
  )
}
