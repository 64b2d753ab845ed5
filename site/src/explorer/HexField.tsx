/** All the bytes as text: to copy, to change, to paste over. */
import Translate, { translate } from '@docusaurus/Translate'
import { type ReactNode, useId, useRef, useState } from 'react'
import styles from './explorer.module.css'
import { parseHex, toHex } from './hex.ts'

/** More than this is no message that somebody wants to look at. */
const longest = 64 * 1024

export function HexField(props: {
  bytes: Uint8Array
  onBytes(bytes: Uint8Array, pasted: boolean): void
}): ReactNode {
  const id = useId()
  const pasted = useRef(false)
  /** What is being typed, as long as it has the focus. */
  const [draft, setDraft] = useState<string | null>(null)
  const parsed = draft === null ? null : read(draft)

  function change(text: string): void {
    setDraft(text)
    const bytes = read(text)
    if (bytes instanceof Uint8Array) props.onBytes(bytes, pasted.current)
    pasted.current = false
  }

  return (
    <div className={styles.hexField}>
      <label htmlFor={id}>
        <Translate id="explorer.hex">The same in hexadecimal: paste a message here</Translate>
      </label>
      <textarea
        id={id}
        rows={3}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={typeof parsed === 'string'}
        aria-describedby={`${id}-problem`}
        value={draft ?? toHex(props.bytes, ' ')}
        onFocus={event => setDraft(event.target.value)}
        onBlur={() => setDraft(null)}
        onPaste={() => {
          pasted.current = true
        }}
        onChange={event => change(event.target.value)}
      />
      <p id={`${id}-problem`} className={styles.complaint} role="status">
        {typeof parsed === 'string' ? parsed : null}
      </p>
    </div>
  )
}

/** The bytes, or what is wrong with the text. */
function read(text: string): Uint8Array | string {
  const parsed = parseHex(text)
  if ('stray' in parsed) {
    return translate(
      { id: 'explorer.hex.stray', message: '“{character}” is no hexadecimal digit.' },
      { character: parsed.stray },
    )
  }
  if ('odd' in parsed) {
    return translate({ id: 'explorer.hex.odd', message: 'A byte is two digits; the last one has one.' })
  }
  if (parsed.bytes.length > longest) {
    return translate(
      { id: 'explorer.hex.long', message: 'At most {longest} bytes fit here.' },
      { longest: String(longest) },
    )
  }
  return parsed.bytes
}
