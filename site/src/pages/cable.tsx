import Translate, { translate } from '@docusaurus/Translate'
import Layout from '@theme/Layout'
import type { ReactNode } from 'react'
import { Cable } from '../cable/Cable.tsx'

export default function CablePage(): ReactNode {
  return (
    <Layout
      title={translate({ id: 'cable.title', message: 'Cut the cable' })}
      description={translate({
        id: 'cable.description',
        message: 'A client and a server in your browser, and a cable between them that you may cut anywhere',
      })}
    >
      <main className="page page--wide">
        <h1>
          <Translate id="cable.title">Cut the cable</Translate>
        </h1>
        <p className="lead">
          <Translate id="cable.lead">
            A program makes three jobs, and does not wait between them. Cut the cable at any frame, and see
            what the program knows then, and what is true. The reference's client and server run here, in
            simulated time; every arrow is a frame that they have written.
          </Translate>
        </p>
        <Cable />
      </main>
    </Layout>
  )
}
