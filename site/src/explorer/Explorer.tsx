/**
 * The byte explorer: a record as a form, its bytes beside it, and beneath both a table that says the same in words.
 * The bytes are the state. A form that changes writes new bytes; bytes that change are read into the form.
 */
import { useLocation } from '@docusaurus/router'
import Translate, { translate } from '@docusaurus/Translate'
import { type ReactNode, useEffect, useId, useMemo, useState } from 'react'
import { fromHash, longestAddress, toHash } from './address.ts'
import { ByteGrid } from './ByteGrid.tsx'
import { ByteTable } from './ByteTable.tsx'
import styles from './explorer.module.css'
import { HexField } from './HexField.tsx'
import { fieldId } from './marks.ts'
import {
  type Around,
  arounds,
  decode,
  encode,
  partsOf,
  type Reading,
  type RecordValue,
  type Shape,
  type Span,
  type Values,
} from './message.ts'
import { RecordForm } from './RecordForm.tsx'
import { recognise } from './recognise.ts'
import { sampleRecord, sampleValues, usualAround } from './samples.ts'
import { schema } from './schema.ts'
import { aroundName, moduleName, valueName } from './words.ts'

interface State {
  shape: Shape
  bytes: Uint8Array
  /** As the form shows them: what was read, or what was typed. */
  values: Values
}

const opening: Shape = { record: 'CreateRequest', around: 'request' }

export function Explorer(): ReactNode {
  const [{ shape, bytes, values }, setState] = useState(() => withSamples(opening))
  const [hovered, setHovered] = useState<string | null>(null)
  const [focused, setFocused] = useState<string | null>(null)
  const reading = useMemo(() => decode(schema, shape, bytes), [shape, bytes])
  const active = hovered ?? focused
  useAddress(shape, bytes, setState)

  function edit(part: string, value: RecordValue): void {
    const edited = { ...values, [part]: value }
    setState({ shape, values: edited, bytes: encode(shape, edited) })
  }

  function wrap(around: Around): void {
    const wrapped: Shape = { ...shape, around }
    const kept = partsOf(wrapped).map(part => [
      part,
      values[part] ?? sampleRecord(schema, part, shape.record),
    ])
    const known: Values = Object.fromEntries(kept)
    setState({ shape: wrapped, values: known, bytes: encode(wrapped, known) })
  }

  function replace(replacement: Uint8Array, pasted: boolean): void {
    setState(withBytes((pasted ? recognise(schema, replacement, shape) : null) ?? shape, replacement))
  }

  return (
    <div className={styles.explorer}>
      <div className={styles.controls}>
        <RecordChoice record={shape.record} onChoice={record => setState(withSamples(usual(record)))} />
        <AroundChoice around={shape.around} onChoice={wrap} />
      </div>
      <div className={styles.columns}>
        <section className={styles.bytes} aria-labelledby="explorer-bytes">
          <h2 id="explorer-bytes">
            <Translate id="explorer.bytes">Bytes</Translate>
          </h2>
          <ByteGrid
            bytes={bytes}
            reading={reading}
            active={active}
            onHover={setHovered}
            onFocus={setFocused}
            onOpen={path => document.getElementById(fieldId(path))?.focus()}
          />
          <Verdict reading={reading} length={bytes.length} />
          <HexField bytes={bytes} onBytes={replace} />
        </section>
        <section className={styles.fields} aria-labelledby="explorer-fields">
          <h2 id="explorer-fields">
            <Translate id="explorer.fields">Fields</Translate>
          </h2>
          {partsOf(shape).map(part => (
            <RecordForm
              key={part}
              record={part}
              value={values[part] ?? {}}
              spans={reading.spans}
              problem={reading.problem}
              active={active}
              onChange={value => edit(part, value)}
              onHover={setHovered}
              onFocus={setFocused}
            />
          ))}
        </section>
      </div>
      <ByteTable bytes={bytes} reading={reading} active={active} onHover={setHovered} />
      <Announcement span={reading.spans.find(({ path }) => path === focused)} />
    </div>
  )
}

const usual = (record: string): Shape => ({ record, around: usualAround(schema, record) })

function withSamples(shape: Shape): State {
  const values = sampleValues(schema, shape)
  return { shape, values, bytes: encode(shape, values) }
}

function withBytes(shape: Shape, bytes: Uint8Array): State {
  return { shape, bytes, values: decode(schema, shape, bytes).values }
}

/** Reads the state from the address whenever somebody changes that, and writes it there whenever we change it. */
function useAddress(shape: Shape, bytes: Uint8Array, setState: (state: State) => void): void {
  const { hash } = useLocation()
  const [isRead, setRead] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a link inside the site changes `hash`, and no event tells of it
  useEffect(() => {
    const read = () => {
      const place = fromHash(schema, window.location.hash)
      if (place !== null)
        setState(place.bytes === null ? withSamples(place.shape) : withBytes(place.shape, place.bytes))
      setRead(true)
    }
    read()
    window.addEventListener('hashchange', read)
    return () => window.removeEventListener('hashchange', read)
  }, [hash, setState])
  useEffect(() => {
    if (isRead) window.history.replaceState(window.history.state, '', toHash(shape, bytes))
  }, [isRead, shape, bytes])
}

function RecordChoice({ record, onChoice }: { record: string; onChoice(record: string): void }): ReactNode {
  const id = useId()
  const records = [...schema.values()]
  const modules = [...new Set(records.map(({ module }) => module))]
  return (
    <div className={styles.control}>
      <label htmlFor={id}>
        <Translate id="explorer.record">Record</Translate>
      </label>
      <select id={id} value={record} onChange={event => onChoice(event.target.value)}>
        {modules.map(module => (
          <optgroup key={module} label={moduleName(module)}>
            {records
              .filter(known => known.module === module)
              .map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
          </optgroup>
        ))}
      </select>
    </div>
  )
}

function AroundChoice({ around, onChoice }: { around: Around; onChoice(around: Around): void }): ReactNode {
  const id = useId()
  return (
    <div className={styles.control}>
      <label htmlFor={id}>
        <Translate id="explorer.around">In front of it</Translate>
      </label>
      <select id={id} value={around} onChange={event => onChoice(event.target.value as Around)}>
        {arounds.map(known => (
          <option key={known} value={known}>
            {aroundName(known)}
          </option>
        ))}
      </select>
    </div>
  )
}

/** For those who cannot see the colours: the field that has the focus, again whenever its bytes change. */
function Announcement({ span }: { span: Span | undefined }): ReactNode {
  return (
    <p className={styles.unseen} role="status">
      {span &&
        translate(
          { id: 'explorer.announcement', message: '{field}: {value}, from byte {from} to byte {to}' },
          { field: span.path, value: valueName(span), from: String(span.start), to: String(span.end - 1) },
        )}
    </p>
  )
}

/** What a reader makes of the bytes, in one line. */
function Verdict({ reading, length }: { reading: Reading; length: number }): ReactNode {
  const { problem, missing, unread } = reading
  return (
    <div
      className={styles.verdict}
      role="status"
      data-kind={problem ? 'refused' : missing > 0 ? 'waits' : 'read'}
    >
      {problem !== null ? (
        <>
          <code>{problem.message}</code>{' '}
          <Translate
            id="explorer.refused"
            values={{ field: <code>{problem.path}</code>, from: problem.start, length }}
          >
            {'The reader stopped in {field}, which begins at byte {from} of {length}.'}
          </Translate>
        </>
      ) : missing > 0 ? (
        <Translate id="explorer.waits" values={{ missing }}>
          {'Half a frame: a reader waits until {missing} more bytes have come.'}
        </Translate>
      ) : unread < length ? (
        <Translate id="explorer.unread" values={{ read: unread, unread: length - unread }}>
          {'Read {read} bytes. The {unread} after them are ignored: a record may be followed by more.'}
        </Translate>
      ) : (
        <Translate id="explorer.read" values={{ length }}>
          {'Read to the last of {length} bytes.'}
        </Translate>
      )}
      {length > longestAddress && (
        <>
          {' '}
          {translate({
            id: 'explorer.long',
            message: 'These are too many to be kept in the address of the page.',
          })}
        </>
      )}
    </div>
  )
}
