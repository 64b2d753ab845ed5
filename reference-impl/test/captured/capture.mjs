import { launch } from '../../../course/launch.mjs'

await launch('reference-impl/test/captured/capture.ts')
