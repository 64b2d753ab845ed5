import Layout from '@theme/Layout'
export default function Explorer() {
  return (
    <Layout>
      <main>explorer</main>
    </Layout>
  )
}
