/** What watches cost, counted in steps over maps, sets and arrays from beside the code under test. */
import {
  fireChanged,
  fireDeleted,
  forgetWatcher,
  noWatches,
  type Watches,
  watchAlways,
  watchOnce,
} from '#lab/state/watches.ts'
import { looksDuring } from '../../01-data-model/hidden/looks.inside.ts'

/** Many watchers on many paths, none of which is about to change. */
function crowd(size: number): Watches {
  const watches = noWatches()
  for (let i = 0; i < size; i++) {
    watchOnce(watches, 'data', `/crowd/${i}`, i + 100)
    watchOnce(watches, 'child', `/crowd/${i}`, i + 100)
  }
  watchOnce(watches, 'data', '/a', 1)
  watchOnce(watches, 'child', '/', 1)
  return watches
}

const silent = (): void => {}

export function looksOfChange(size: number, isSomebodyRecursive: boolean): number {
  const watches = crowd(size)
  if (isSomebodyRecursive) watchAlways(watches, '/elsewhere', 2, true)
  return looksDuring(() => fireChanged(watches, '/a', silent))
}

export function looksOfDelete(size: number): number {
  const watches = crowd(size)
  return looksDuring(() => fireDeleted(watches, '/a', silent))
}

export function looksOfEnd(size: number): number {
  const watches = crowd(size)
  return looksDuring(() => forgetWatcher(watches, 1))
}
