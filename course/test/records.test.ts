import { expect, test } from 'vitest'
import { recordsAreFresh } from '../records.ts'

test('records.ts is what zookeeper.jute compiles to', () => {
  expect(recordsAreFresh(), 'run `npm run records` and commit what it writes').toBe(true)
})
