/** What run.ts starts inside the outer sandbox: one raid, told in a line. */
import { launch } from '../launch.mjs'

const [mode, ...chosen] = process.argv.slice(2)
const { raid } = await launch('course/red-team/run.ts')
console.log(JSON.stringify(await raid(mode, chosen.length > 0 ? chosen : undefined)))
