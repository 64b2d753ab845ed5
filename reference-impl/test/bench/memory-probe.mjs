/**
 * Loaded into our server with `--import`, beside `--expose-gc`: `kill -USR2` collects all garbage and writes how many bytes
 * are in use, on the engine's heap and beside it, to the file PROBED. Between that it does nothing, so that an idle server
 * stays idle.
 */
import { renameSync, writeFileSync } from 'node:fs'

process.on('SIGUSR2', () => {
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  const file = process.env.PROBED
  writeFileSync(`${file}.part`, JSON.stringify({ alive: heapUsed + external }))
  renameSync(`${file}.part`, file)
})
