// `import { connect, connectSteadily } from 'reference-impl'`: the client as a library, on any Node we support.
import { launch } from '../../course/launch.mjs'

export const { connect, connectSteadily } = await launch('reference-impl/bin/client.ts')
