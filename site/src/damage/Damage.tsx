/** The log of a small server, byte by byte. Damage one, and read what a server says that starts from it. */
import Translate, { translate } from '@docusaurus/Translate'
import { type MouseEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { Controls, Options, Slider } from '../controls/Controls.tsx'
import { useAddress } from '../controls/use-address.ts'
import { ByteGrid } from '../explorer/ByteGrid.tsx'
import type { Reading } from '../explorer/message.ts'
import { usePlay } from '../own/use-play.ts'
import { scriptOf, Trouble, useOwnFiles, Whose } from '../own/Whose.tsx'
import { type Choice, fromHash, kinds, opening, toHash } from './choice.ts'
import styles from './damage.module.css'
import { type Examined, examine, type Log, partsOf, type Verdict } from './log.ts'
import { kindName, partName, verdictOf } from './words.ts'

/** The log, and what the entries in it are written with. */
const labs = ['32', '04']

const addressing = { opening, toHash, fromHash }

export function Damage(): ReactNode {
  const [choice, setChoice] = useAddress(addressing)
  const [lab, setLab] = useState<string | null>(null)
  const play = usePlay(choice, scriptOf(useOwnFiles(), 'damage', lab), examine)
  if (play === null) return <div className={styles.damage} />
  return (
    <div className={styles.damage}>
      {play.type === 'played' ? (
        <Examination {...play.result} choice={choice} onChoice={setChoice}>
          <Whose labs={labs} chosen={lab} onChoice={setLab} />
        </Examination>
      ) : (
        <>
          <Controls>
            <Whose labs={labs} chosen={lab} onChoice={setLab} />
          </Controls>
          <Trouble play={play} lab={lab} />
        </>
      )}
    </div>
  )
}

interface ExaminationProps extends Examined {
  choice: Choice
  onChoice(choice: Choice): void
  children: ReactNode
}

function Examination({ log, bytes, verdict, choice, onChoice, children }: ExaminationProps): ReactNode {
  return (
    <>
      <Controls>
        <Slider
          label={
            choice.at === null ? (
              <Translate id="damage.none">Nothing is damaged: choose a byte</Translate>
            ) : (
              <Translate id="damage.at" values={{ at: choice.at, length: log.bytes.length }}>
                {'Byte {at} of {length}'}
              </Translate>
            )
          }
          min={-1}
          max={log.bytes.length - 1}
          value={choice.at ?? -1}
          onChoice={at => onChoice({ ...choice, at: at < 0 ? null : at })}
        />
        <Options
          legend={translate({ id: 'damage.kind', message: 'What happens there' })}
          options={kinds}
          chosen={choice.kind}
          nameOf={kindName}
          onChoice={kind => onChoice({ ...choice, kind })}
        />
        {children}
      </Controls>
      <div className={styles.columns}>
        <section aria-labelledby="damage-file">
          <h2 id="damage-file">
            <code>version-2/log.1</code>
          </h2>
          <Grid log={log} bytes={bytes} choice={choice} onByte={at => onChoice({ ...choice, at })} />
        </section>
        <section aria-labelledby="damage-came" aria-live="polite">
          <h2 id="damage-came">
            <Translate id="damage.came">What a server makes of it</Translate>
          </h2>
          <Outcome log={log} verdict={verdict} />
        </section>
      </div>
    </>
  )
}

interface GridProps {
  log: Log
  bytes: Uint8Array
  choice: Choice
  onByte(at: number): void
}

function Grid({ log, bytes, choice: { at, kind }, onByte }: GridProps): ReactNode {
  const [active, setActive] = useState<string | null>(null)
  const frame = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (at !== null) show(frame.current, at)
  }, [at])
  const spans = partsOf(log).map(({ part, entry, start, end }) => ({
    path: entry === null ? part : `${entry + 1}.${part}`,
    type: part,
    start,
    end: Math.min(end, bytes.length),
    value: undefined,
  }))
  const problem =
    at === null ? null : { message: '', path: '', start: at, end: kind === 'flip' ? at + 1 : bytes.length }
  const reading: Reading = { spans, values: {}, problem, missing: 0, unread: bytes.length }
  const pointed = partsOf(log).find((_, i) => spans[i]!.path === active)

  function choose({ target }: MouseEvent): void {
    const byte = (target as HTMLElement).closest<HTMLElement>('[data-at]')
    if (byte !== null) onByte(Number(byte.dataset.at))
  }

  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the bytes in it are buttons, and their clicks come here */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: a button turns Enter into a click by itself */}
      <div ref={frame} onClick={choose}>
        <ByteGrid
          bytes={bytes}
          reading={reading}
          active={active}
          onHover={setActive}
          onFocus={setActive}
          onOpen={() => {}}
        />
      </div>
      <p className={styles.pointed}>
        {pointed === undefined
          ? translate({
              id: 'damage.hint',
              message: 'Point at a byte to read what it is; click to damage it.',
            })
          : pointed.entry === null
            ? partName(pointed.part)
            : translate(
                { id: 'damage.pointed', message: 'Entry {entry}, {what}: {part}' },
                {
                  entry: String(pointed.entry + 1),
                  what: log.entries[pointed.entry]!.what,
                  part: partName(pointed.part),
                },
              )}
      </p>
    </>
  )
}

/** Moves the bytes, and not the page, so that this one is among those that are seen. */
function show(frame: HTMLElement | null, at: number): void {
  const box = frame?.querySelector('[role="group"]')
  const byte = frame?.querySelector(`[data-at="${at}"]`)
  if (!box || !byte) return
  const [seen, place] = [box.getBoundingClientRect(), byte.getBoundingClientRect()]
  if (place.top < seen.top || place.bottom > seen.bottom)
    box.scrollTop += place.top - (seen.top + seen.bottom) / 2
}

function Outcome({ log, verdict }: { log: Log; verdict: Verdict }): ReactNode {
  const { applied, refusal, nodes, remarks } = verdict
  return (
    <>
      <ol className={styles.entries}>
        {log.entries.map(({ zxid, what }, i) => (
          <li key={zxid} data-applied={applied !== null && i < applied}>
            <span className={styles.zxid}>0x{zxid.toString(16)}</span>
            <code>{what}</code>
          </li>
        ))}
      </ol>
      <p className={styles.verdict}>{verdictOf(verdict, log.entries.length)}</p>
      {refusal !== null && <pre className={styles.said}>{refusal}</pre>}
      {refusal === null && (
        <>
          <h3>
            <Translate id="damage.tree">Its tree</Translate>
          </h3>
          <pre className={styles.said}>
            {nodes.length === 0
              ? translate({ id: 'damage.tree.empty', message: 'as on the first day' })
              : nodes.map(({ path, data }) => `${path}  ${data}`).join('\n')}
          </pre>
        </>
      )}
      <h3>
        <code>npx zk-inspect</code>
      </h3>
      <pre className={styles.said}>
        {remarks.length === 0
          ? translate({ id: 'damage.remarks.none', message: 'nothing odd' })
          : remarks.join('\n')}
      </pre>
    </>
  )
}
