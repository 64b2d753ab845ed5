/** A link to a page that moves carries a state behind its #, which the check for broken anchors must not take for one. */
import type { Props } from '@theme/MDXComponents/A'
import A from '@theme-original/MDXComponents/A'
import type { ReactNode } from 'react'

export default function LinkWithState(props: Props): ReactNode {
  const hasState = /^\/(explorer|cable|damage)\/?#/.test(props.href ?? '')
  return <A {...props} {...(hasState && { 'data-noBrokenLinkCheck': true })} />
}
