import type { Clock, Millis, Timer } from '../world.ts'

export const nodeClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after,
  soon: fire => void setImmediate(fire),
}

/** Node counts its timers in whole milliseconds and may fire one a little early; then what is left is waited for. */
function after(delay: Millis, fire: () => void): Timer {
  const due = performance.now() + delay
  let timer = setTimeout(check, delay)

  function check(): void {
    const left = due - performance.now()
    if (left <= 0) fire()
    else timer = setTimeout(check, left)
  }

  return { cancel: () => clearTimeout(timer) }
}
