/** A record as a form: one editor a field, records and vectors inside one another. */
import Translate, { translate } from '@docusaurus/Translate'
import { createContext, type ReactNode, useContext, useId, useState } from 'react'
import { juteWriter } from '../../../reference-impl/src/wire/jute.ts'
import type { Field, FieldType, PrimitiveName } from '../../../reference-impl/src/wire/schema.ts'
import styles from './explorer.module.css'
import { parseHex, toHex } from './hex.ts'
import { fieldId, hue, isWithin } from './marks.ts'
import { blank, type Problem, type RecordValue, type Span, typeName, type Value } from './message.ts'
import { sample } from './samples.ts'
import { schema } from './schema.ts'
import { isText } from './words.ts'

/** What every editor of a form needs, however deep it lies. */
interface Surroundings {
  spans: readonly Span[]
  problem: Problem | null
  active: string | null
  onHover(path: string | null): void
  onFocus(path: string | null): void
}

const FormContext = createContext<Surroundings | null>(null)

export function RecordForm(
  props: Surroundings & { record: string; value: RecordValue; onChange(value: RecordValue): void },
): ReactNode {
  const { record, value, onChange, ...surroundings } = props
  return (
    <FormContext value={surroundings}>
      <fieldset className={styles.record}>
        <legend>
          <code>{record}</code>
        </legend>
        <Fields record={record} path={record} value={value} onChange={onChange} />
      </fieldset>
    </FormContext>
  )
}

interface EditorProps<T extends Value = Value> {
  path: string
  value: T
  onChange(value: T): void
}

function Fields({ record, path, value, onChange }: EditorProps<RecordValue> & { record: string }): ReactNode {
  return schema
    .get(record)!
    .fields.map(field => (
      <FieldEditor
        key={field.name}
        field={field}
        path={`${path}.${field.name}`}
        value={value[field.name]}
        onChange={changed => onChange({ ...value, [field.name]: changed })}
      />
    ))
}

function FieldEditor({ field, path, value, onChange }: EditorProps & { field: Field }): ReactNode {
  const { type } = field
  const hasNull = type.kind === 'vector' || (type.kind === 'primitive' && /buffer|ustring/.test(type.name))
  return (
    <Line path={path} label={field.name} type={typeName(type) + (field.nullable ? '?' : '')}>
      {value !== undefined && value !== null && (
        <ValueEditor type={type} name={field.name} path={path} value={value} onChange={onChange} />
      )}
      {hasNull && value !== undefined && (
        <Toggle
          on={value === null}
          onToggle={on => onChange(on ? null : blank(type))}
          label={translate({ id: 'explorer.null', message: 'null' })}
        />
      )}
      {field.trailing && (
        <Toggle
          on={value === undefined}
          onToggle={on => onChange(on ? undefined : blank(type))}
          label={translate({ id: 'explorer.absent', message: 'left away' })}
        />
      )}
    </Line>
  )
}

/** A field's name, its type and colour, its editor and what is wrong with it. */
function Line(props: { path: string; label: string; type: string; children: ReactNode }): ReactNode {
  const { path, label, type, children } = props
  const { spans, problem, active, onHover, onFocus } = useContext(FormContext)!
  const order = spans.findIndex(span => span.path === path)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing is a help for the eye; the focus does the same for keys
    <div
      className={`${styles.field} ${isWithin(path, active) ? styles.active : ''}`}
      onMouseOver={event => {
        event.stopPropagation()
        onHover(path)
      }}
      onMouseLeave={() => onHover(null)}
      onFocus={event => {
        event.stopPropagation()
        onFocus(path)
      }}
      onBlur={() => onFocus(null)}
    >
      <label htmlFor={fieldId(path)}>
        {/* A record has no bytes but those of its fields. */}
        {!schema.has(type) && (
          <span
            className={`${styles.swatch} ${order < 0 ? styles.unread : styles[hue(order)]}`}
            aria-hidden="true"
          />
        )}
        <span className={styles.name}>{label}</span> <span className={styles.type}>{type}</span>
      </label>
      <div className={styles.editor}>{children}</div>
      {problem?.path === path && <p className={styles.complaint}>{problem.message}</p>}
    </div>
  )
}

function Toggle(props: { on: boolean; onToggle(on: boolean): void; label: string }): ReactNode {
  return (
    <label className={styles.toggle}>
      <input type="checkbox" checked={props.on} onChange={event => props.onToggle(event.target.checked)} />
      {props.label}
    </label>
  )
}

function ValueEditor(props: EditorProps & { type: FieldType; name: string }): ReactNode {
  const { type, name, path, value, onChange } = props
  if (type.kind === 'record') {
    return (
      <div className={styles.nested}>
        <Fields record={type.name} path={path} value={value as RecordValue} onChange={onChange} />
      </div>
    )
  }
  if (type.kind === 'vector') {
    const { element } = type
    return (
      <VectorEditor element={element} name={name} path={path} value={value as Value[]} onChange={onChange} />
    )
  }
  if (type.name === 'boolean') {
    return (
      <input
        id={fieldId(path)}
        type="checkbox"
        checked={value as boolean}
        onChange={event => onChange(event.target.checked)}
      />
    )
  }
  if (type.name === 'buffer')
    return <BufferEditor path={path} value={value as Uint8Array} onChange={onChange} />
  return (
    <TextEditor
      path={path}
      text={String(value)}
      numeric={type.name !== 'ustring'}
      onText={text => onChange(valueMeant(type.name, text))}
    />
  )
}

function VectorEditor(props: EditorProps<Value[]> & { element: FieldType; name: string }): ReactNode {
  const { element, name, path, value, onChange } = props
  return (
    <div className={styles.nested}>
      {value.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an element has no other name than its place
        <Line key={index} path={`${path}[${index}]`} label={`[${index}]`} type={typeName(element)}>
          <ValueEditor
            type={element}
            name={name}
            path={`${path}[${index}]`}
            value={item}
            onChange={changed => onChange(value.with(index, changed))}
          />
          <button
            type="button"
            className={styles.small}
            aria-label={translate(
              { id: 'explorer.vector.remove.label', message: 'Remove {element}' },
              { element: `${name}[${index}]` },
            )}
            onClick={() => onChange(value.toSpliced(index, 1))}
          >
            <Translate id="explorer.vector.remove">remove</Translate>
          </button>
        </Line>
      ))}
      <button
        type="button"
        className={styles.small}
        id={fieldId(path)}
        onClick={() => onChange([...value, sample(schema, name, element)])}
      >
        <Translate id="explorer.vector.add">add an element</Translate>
      </button>
    </div>
  )
}

/** Bytes, as text while they are text. */
function BufferEditor({ path, value, onChange }: EditorProps<Uint8Array>): ReactNode {
  const [asText, setAsText] = useState<boolean | null>(null)
  const text = asText ?? (isText(value) || value.length === 0)
  return (
    <>
      <TextEditor
        path={path}
        text={text ? new TextDecoder().decode(value) : toHex(value, ' ')}
        onText={typed => onChange(text ? new TextEncoder().encode(typed) : hexOf(typed))}
      />
      <Toggle
        on={!text}
        onToggle={on => setAsText(!on)}
        label={translate({ id: 'explorer.buffer.hex', message: 'hex' })}
      />
    </>
  )
}

/** One line of text. What is typed stays as typed while it has the focus, even when it is no value. */
function TextEditor(props: {
  path: string
  text: string
  numeric?: boolean
  /** Throws when the text is no value. */
  onText(text: string): void
}): ReactNode {
  const id = useId()
  const [draft, setDraft] = useState<string | null>(null)
  const [complaint, setComplaint] = useState<string | null>(null)

  function change(text: string): void {
    setDraft(text)
    try {
      props.onText(text)
      setComplaint(null)
    } catch (error) {
      setComplaint(error instanceof Error ? error.message : String(error))
    }
  }

  return (
    <>
      <input
        id={fieldId(props.path)}
        type="text"
        className={styles.text}
        spellCheck={false}
        autoComplete="off"
        inputMode={props.numeric ? 'numeric' : 'text'}
        aria-invalid={complaint !== null}
        aria-describedby={complaint === null ? undefined : id}
        value={draft ?? props.text}
        onChange={event => change(event.target.value)}
        onBlur={() => {
          setDraft(null)
          setComplaint(null)
        }}
      />
      {complaint !== null && (
        <p id={id} className={styles.complaint}>
          {complaint}
        </p>
      )}
    </>
  )
}

/** The value that a person means; throws what the reference's writer throws when it does not fit the type. */
function valueMeant(type: PrimitiveName, text: string): Value {
  switch (type) {
    case 'ustring':
      return text
    case 'long': {
      const long = BigInt(wholeNumber(text))
      // Ids and zxids are written in hexadecimal, where there is no sign.
      const value = /^0x/i.test(text.trim()) && long < 1n << 64n ? BigInt.asIntN(64, long) : long
      juteWriter().long(value)
      return value
    }
    case 'byte':
    case 'int': {
      const value = Number(wholeNumber(text))
      juteWriter()[type](value)
      return value
    }
    default:
      return Number(text)
  }
}

function wholeNumber(text: string): string {
  if (/^\s*(-?\d+|0x[0-9a-f]+)\s*$/i.test(text)) return text
  throw new Error(
    translate({ id: 'explorer.number', message: 'A whole number is wanted, such as 31, -1 or 0x1f.' }),
  )
}

function hexOf(text: string): Uint8Array {
  const parsed = parseHex(text)
  if ('bytes' in parsed) return parsed.bytes
  throw new Error(
    translate({
      id: 'explorer.buffer.digits',
      message: 'Two hexadecimal digits a byte are wanted, such as 2f 61.',
    }),
  )
}
