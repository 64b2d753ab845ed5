import Translate, { translate } from '@docusaurus/Translate'
import Layout from '@theme/Layout'
import type { ReactNode } from 'react'
import { Damage } from '../damage/Damage.tsx'

export default function DamagePage(): ReactNode {
  return (
    <Layout
      title={translate({ id: 'damage.title', message: 'Damage a log' })}
      description={translate({
        id: 'damage.description',
        message:
          'A transaction log in your browser, and what a server says when a byte of it is not what was written',
      })}
    >
      <main className="page page--wide">
        <h1>
          <Translate id="damage.title">Damage a log</Translate>
        </h1>
        <p className="lead">
          <Translate id="damage.lead">
            A server has lived here for a moment, in this page, and left the log of five transactions. Damage
            any byte of it, and see whether the next server starts, and from what.
          </Translate>
        </p>
        <Damage />
      </main>
    </Layout>
  )
}
