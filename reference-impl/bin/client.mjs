// `import { connect } from 'reference-impl'`: the client as a library, on any Node we support.
import { launch } from '../../course/launch.mjs'

export const { connect } = await launch('reference-impl/bin/client.ts')
