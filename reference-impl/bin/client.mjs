// `import { connect, treeCache, … } from 'reference-impl'`: the client and its recipes as a library, on any Node we support.
import { launch } from '../../course/launch.mjs'

export const { connect, connectSteadily, nodeCache, pathCache, treeCache } = await launch(
  'reference-impl/bin/client.ts',
)
