/**
 * The bytes in rows: offset, hexadecimal, characters; each in the colour of its field. One byte at a time has the
 * keyboard's focus: arrows move it, Enter goes to the field it belongs to.
 */
import Translate, { translate } from '@docusaurus/Translate'
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import styles from './explorer.module.css'
import { asciiOf, hexByte } from './hex.ts'
import { hue, isWithin } from './marks.ts'
import type { Reading, Span } from './message.ts'

/** More rows than this help nobody, and slow the page. */
const mostBytes = 2048
/** Narrower than this, and a row has eight bytes. */
const wideEnough = 520

export interface GridProps {
  bytes: Uint8Array
  reading: Reading
  /** The path of the field that is pointed at, here or elsewhere. */
  active: string | null
  onHover(path: string | null): void
  onFocus(path: string | null): void
  onOpen(path: string): void
}

export function ByteGrid({ bytes, reading, active, onHover, onFocus, onOpen }: GridProps): ReactNode {
  const grid = useRef<HTMLDivElement>(null)
  const perRow = useBytesPerRow(grid)
  const [cursor, setCursor] = useState(0)
  const shown = bytes.subarray(0, mostBytes)
  const at = Math.min(cursor, Math.max(shown.length - 1, 0))
  const owners = ownersOf(reading.spans, shown.length)

  function move(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perRow, ArrowDown: perRow }[event.key]
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? shown.length - 1 : step && at + step
    const owner = owners[at]
    if (event.key === 'Enter' && owner) onOpen(owner.span.path)
    else if (to === undefined || to < 0 || to >= shown.length) return
    else grid.current?.querySelector<HTMLElement>(`[data-at="${to}"]`)?.focus()
    event.preventDefault()
  }

  function classesAt(index: number): string {
    const owner = owners[index]
    const { problem } = reading
    return [
      owner === undefined ? styles.unread : styles[hue(owner.order)],
      owner?.isLength && styles.length,
      owner && isWithin(owner.span.path, active) && styles.active,
      problem !== null && index >= problem.start && index < problem.end && styles.problem,
    ]
      .filter(Boolean)
      .join(' ')
  }

  const rows = Array.from({ length: Math.ceil(shown.length / perRow) }, (_, row) => row * perRow)
  const indexes = (row: number) =>
    Array.from({ length: Math.min(perRow, shown.length - row) }, (_, column) => row + column)
  return (
    <div className={styles.gridFrame}>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would say nothing more of these buttons */}
      <div
        ref={grid}
        className={styles.grid}
        data-per-row={perRow}
        role="group"
        aria-label={translate({
          id: 'explorer.grid',
          message: 'The bytes, one button each. Arrows move, Enter goes to the field.',
        })}
        onMouseLeave={() => onHover(null)}
        onBlur={() => onFocus(null)}
        onKeyDown={move}
      >
        {rows.map(row => (
          <div key={row} className={styles.row}>
            <span className={styles.offset} aria-hidden="true">
              {row.toString(16).padStart(4, '0')}
            </span>
            <span className={styles.cells}>
              {indexes(row).map(index => (
                <button
                  type="button"
                  key={index}
                  data-at={index}
                  className={`${styles.byte} ${classesAt(index)}`}
                  tabIndex={index === at ? 0 : -1}
                  title={owners[index]?.span.path}
                  onMouseEnter={() => onHover(owners[index]?.span.path ?? null)}
                  onFocus={() => {
                    setCursor(index)
                    onFocus(owners[index]?.span.path ?? null)
                  }}
                >
                  {hexByte(shown[index]!)}
                </button>
              ))}
            </span>
            <span className={styles.characters} aria-hidden="true">
              {indexes(row).map(index => (
                <span key={index} className={classesAt(index)}>
                  {asciiOf(shown[index]!)}
                </span>
              ))}
            </span>
          </div>
        ))}
        {shown.length === 0 && (
          <p className={styles.none}>
            <Translate id="explorer.grid.none">There are no bytes.</Translate>
          </p>
        )}
      </div>
      {bytes.length > shown.length && (
        <p className={styles.none}>
          <Translate id="explorer.grid.more" values={{ count: bytes.length - shown.length }}>
            {'Not shown: {count} more bytes.'}
          </Translate>
        </p>
      )}
    </div>
  )
}

interface Owner {
  span: Span
  order: number
  /** One of the four bytes that say how long the value is. */
  isLength: boolean
}

function ownersOf(spans: readonly Span[], length: number): (Owner | undefined)[] {
  const owners: (Owner | undefined)[] = Array.from({ length })
  spans.forEach((span, order) => {
    const prefix = /^(buffer|ustring|vector)/.test(span.type) ? 4 : 0
    for (let i = span.start; i < Math.min(span.end, length); i++) {
      owners[i] = { span, order, isLength: i < span.start + prefix }
    }
  })
  return owners
}

function useBytesPerRow(element: RefObject<HTMLElement | null>): number {
  const [perRow, setPerRow] = useState(16)
  useEffect(() => {
    if (element.current === null) return
    const observer = new ResizeObserver(([entry]) => {
      setPerRow(entry!.contentRect.width < wideEnough ? 8 : 16)
    })
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return perRow
}
