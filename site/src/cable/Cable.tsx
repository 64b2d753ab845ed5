/** One cable between a program and a server, to be cut: each choice is played anew, here, by the reference itself. */
import Translate, { translate } from '@docusaurus/Translate'
import { type ReactNode, useEffect, useState } from 'react'
import { Controls, Options, Slider } from '../controls/Controls.tsx'
import { useAddress } from '../controls/use-address.ts'
import { usePlay } from '../own/use-play.ts'
import { scriptOf, Trouble, useOwnFiles, Whose } from '../own/Whose.tsx'
import styles from './cable.module.css'
import { fromHash, habits, opening, places, toHash } from './choice.ts'
import { Ladder } from './Ladder.tsx'
import { framesOf, type Job, play } from './play.ts'
import { habitName, outcomeOf, placeName, shortly, verdictOf } from './words.ts'

/** Of what these labs make, a session on a cable needs all. */
const labs = ['01', '04', '06', '09', '10', '12', '13']

const addressing = { opening, toHash, fromHash }

export function Cable(): ReactNode {
  const [choice, setChoice] = useAddress(addressing)
  const [frames, setFrames] = useState(opening.frame)
  const [lab, setLab] = useState<string | null>(null)
  const played = usePlay(choice, scriptOf(useOwnFiles(), 'cable', lab), play)
  const story = played?.type === 'played' ? played.result : null

  useEffect(() => void framesOf().then(setFrames), [])
  return (
    <div className={styles.cable}>
      <Controls>
        <Slider
          label={
            choice.frame === 0 ? (
              <Translate id="cable.uncut">Nobody cuts the cable</Translate>
            ) : (
              <Translate id="cable.cut" values={{ frame: choice.frame, frames }}>
                {'Cut the cable at frame {frame} of {frames}'}
              </Translate>
            )
          }
          min={0}
          max={frames}
          value={choice.frame}
          onChoice={frame => setChoice({ ...choice, frame })}
        />
        <Options
          legend={translate({ id: 'cable.where', message: 'Where' })}
          options={places}
          chosen={choice.where}
          nameOf={placeName}
          onChoice={where => setChoice({ ...choice, where })}
        />
        <Options
          legend={translate({ id: 'cable.habit', message: 'On CONNECTIONLOSS the program' })}
          options={habits}
          chosen={choice.habit}
          nameOf={habitName}
          onChoice={habit => setChoice({ ...choice, habit })}
        />
        <Whose labs={labs} chosen={lab} onChoice={setLab} />
      </Controls>
      {played && <Trouble play={played} lab={lab} />}
      {story && (
        <div className={styles.columns}>
          <section aria-labelledby="cable-passed">
            <h2 id="cable-passed">
              <Translate id="cable.passed">What went over the cable</Translate>
            </h2>
            <Ladder rows={story.rows} where={choice.where} />
          </section>
          <section aria-labelledby="cable-came" aria-live="polite">
            <h2 id="cable-came">
              <Translate id="cable.came">What came of it</Translate>
            </h2>
            <Jobs jobs={story.jobs} />
            <p className={styles.verdict}>{verdictOf(story.jobs)}</p>
          </section>
        </div>
      )}
    </div>
  )
}

function Jobs({ jobs }: { jobs: readonly Job[] }): ReactNode {
  return (
    <table className={styles.jobs}>
      <thead>
        <tr>
          <th>
            <Translate id="cable.job">Job</Translate>
          </th>
          <th>
            <Translate id="cable.told">The program was told</Translate>
          </th>
          <th>
            <Translate id="cable.found">The server has</Translate>
          </th>
        </tr>
      </thead>
      <tbody>
        {jobs.map(job => (
          <tr key={job.name} data-outcome={outcomeOf(job)}>
            <th>{job.name}</th>
            <td>{job.told === null ? <code>CONNECTIONLOSS</code> : <code>{shortly(job.told)}</code>}</td>
            <td>
              {job.found.length === 0 ? (
                <Translate id="cable.nothing">nothing</Translate>
              ) : (
                job.found.map(path => (
                  <code key={path} className={styles.path}>
                    {shortly(path)}
                  </code>
                ))
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
