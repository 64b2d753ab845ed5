import Translate, { translate } from '@docusaurus/Translate'
import Layout from '@theme/Layout'
import type { ReactNode } from 'react'
import { Explorer } from '../explorer/Explorer.tsx'

export default function ExplorerPage(): ReactNode {
  return (
    <Layout
      title={translate({ id: 'explorer.title', message: 'Byte explorer' })}
      description={translate({
        id: 'explorer.description',
        message: 'Every record that ZooKeeper sends or stores, field by field and byte by byte',
      })}
    >
      <main className="page page--wide">
        <h1>
          <Translate id="explorer.title">Byte explorer</Translate>
        </h1>
        <p className="lead">
          <Translate id="explorer.lead">
            Change a field and see which bytes change; paste bytes and see what a server reads in them. The
            reference itself encodes and decodes here, so its refusals are real.
          </Translate>
        </p>
        <Explorer />
      </main>
    </Layout>
  )
}
