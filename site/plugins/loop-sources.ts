/** The sources of the versions that the front page runs, quoted like the code in a chapter. */
import type { Plugin } from '@docusaurus/types'
import type { LoopSources } from '../src/loop/Loop.tsx'
import type { Options } from './quote-code.ts'

export function loopSources(quote: Options['quote']) {
  return (): Plugin => ({
    name: 'loop-sources',
    contentLoaded: async ({ actions }) => {
      actions.setGlobalData({
        reference: quote('reference-impl/src/wire/zxid.ts', 'zxid').code,
        shift: quote('site/src/loop/attempts/shift.ts', 'zxid').code,
        number: quote('site/src/loop/attempts/number.ts', 'zxid').code,
      } satisfies LoopSources)
    },
  })
}
