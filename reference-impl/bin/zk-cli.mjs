#!/usr/bin/env node
// `--mine` talks with the student's finished labs in place of the reference's modules, `--mine=04,10` with these.
import { launch } from '../../course/launch.mjs'

const mine = process.argv.some(argument => /^--mine(=|$)/.test(argument))
await launch(mine ? 'course/mine.ts' : 'reference-impl/bin/zk-cli.ts')
