/**
 * Loaded into our server with `--import`: notes the longest stretches in which its event loop did one thing only, and
 * how much of each one its main thread really ran. The rest of a stretch another program had the core, which on a busy
 * machine is most of it. `kill -USR2` writes what was noted to the file PROBED, and begins anew.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { PerformanceObserver } from 'node:perf_hooks'

const schedule = `/proc/self/task/${process.pid}/schedstat`
const isTold = existsSync(schedule)
let wall = 0
let ran = 0
let collection = 0
let last = look()

function look() {
  const [nanoseconds] = isTold ? readFileSync(schedule, 'utf8').split(' ') : [Number.NaN]
  return { now: performance.now(), ran: Number(nanoseconds) / 1e6 }
}

// A timer of one millisecond: whatever is longer is a stall.
setInterval(() => {
  const here = look()
  wall = Math.max(wall, here.now - last.now)
  ran = Math.max(ran, here.ran - last.ran)
  last = here
}, 1).unref()

new PerformanceObserver(list => {
  for (const { duration } of list.getEntries()) collection = Math.max(collection, duration)
}).observe({ entryTypes: ['gc'] })

process.on('SIGUSR2', () => {
  const file = process.env.PROBED
  writeFileSync(`${file}.part`, JSON.stringify({ wall, ran, collection }))
  renameSync(`${file}.part`, file)
  wall = 0
  ran = 0
  collection = 0
})
