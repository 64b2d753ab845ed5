#!/usr/bin/env node
import { launch } from '../../course/launch.mjs'

await launch('reference-impl/bin/zk-inspect.ts')
