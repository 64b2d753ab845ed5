import Link from '@docusaurus/Link'
import { useDocsData } from '@docusaurus/plugin-content-docs/client'
import Translate, { translate } from '@docusaurus/Translate'
import Layout from '@theme/Layout'
import type { ReactNode } from 'react'
import { labFolder, labs } from '../../../course/manifest.ts'
import { Loop } from '../loop/Loop.tsx'
import { Soon } from '../theme/DocSidebarItem/Link/index.tsx'
import styles from './index.module.css'

export default function Home(): ReactNode {
  return (
    <Layout
      description={translate({
        id: 'home.description',
        message: 'A course in which you write ZooKeeper, one module a chapter',
      })}
    >
      <main className="page page--wide">
        <h1>ZooKeeper from Scratch</h1>
        <p className="lead">
          <Translate id="home.lead">
            You write ZooKeeper in TypeScript, one module a chapter. Each module you finish runs at once in a
            real server, and real clients talk to it.
          </Translate>
        </p>
        <dl className={styles.commands}>
          <div>
            <dt>
              <code>npm ci && npm start</code>
            </dt>
            <dd>
              <Translate id="home.start">
                gives you these pages and, in the terminal, a screen that watches your next unfinished lab:
                save the file and read what is still wrong.
              </Translate>
            </dd>
          </div>
          <div>
            <dt>
              <code>npm test</code>
            </dt>
            <dd>
              <Translate id="home.test" values={{ one: <code>npm test 04</code> }}>
                {
                  'judges your labs, part by part, and says what to do next; {one} judges one of them, in about a second.'
                }
              </Translate>
            </dd>
          </div>
        </dl>
        <h2>
          <Translate id="home.loop">What you do in a lab</Translate>
        </h2>
        <p className={styles.text}>
          <Translate id="home.loop.text">
            This is the warm-up: a zxid names a transaction, by the epoch of the leader in its high 32 bits
            and a counter in its low 32. Pick a version of the file; it runs here, in this page.
          </Translate>
        </p>
        <Loop />
        <h2>
          <Translate id="home.chapters">The chapters</Translate>
        </h2>
        <Chapters />
      </main>
    </Layout>
  )
}

function Chapters(): ReactNode {
  const pages = useDocsData('chapters').versions[0]?.docs ?? []
  return (
    <ol className={styles.chapters}>
      {labs.map(lab => {
        const page = pages.find(({ id }) => id === labFolder(lab))
        return (
          <li key={lab.id}>
            <span className="sidebar-number">{lab.id}</span>
            {page ? (
              <Link to={page.path}>{lab.title}</Link>
            ) : (
              <span className={styles.planned}>
                {lab.title} <Soon />
              </span>
            )}
          </li>
        )
      })}
    </ol>
  )
}
