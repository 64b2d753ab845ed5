#!/usr/bin/env node
// `--mine` serves with the student's finished labs in place of the reference's modules.
import { launch } from '../../course/launch.mjs'

await launch(process.argv.includes('--mine') ? 'course/mine.ts' : 'reference-impl/bin/zk-server.ts')
