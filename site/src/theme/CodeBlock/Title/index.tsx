/** The title of a code block. Of a quote it is the place in the source, and a link when there is somewhere to link to. */
import Link from '@docusaurus/Link'
import useDocusaurusContext from '@docusaurus/useDocusaurusContext'
import type { Props } from '@theme/CodeBlock/Title'
import type { ReactNode } from 'react'

export default function CodeBlockTitle({ children }: Props): ReactNode {
  const { customFields } = useDocusaurusContext().siteConfig
  const [, file, symbol] = /^([\w./-]+)#(.+)$/.exec(typeof children === 'string' ? children : '') ?? []
  if (file === undefined) return children
  const place = (
    <>
      {file} <strong>{symbol}</strong>
    </>
  )
  const { repositoryUrl } = customFields as { repositoryUrl: string | null }
  return repositoryUrl === null ? place : <Link href={`${repositoryUrl}/${file}`}>{place}</Link>
}
