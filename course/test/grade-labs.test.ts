import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { gradeAll } from '../grade/grading.ts'
import { findSandbox, usualLimits } from '../grade/sandbox.ts'
import { madeLabs } from '../labs.ts'
import { root } from '../paths.ts'
import { referenceFile } from '../swap.ts'

const sandbox = findSandbox()

describe.skipIf(sandbox.kind === 'none')('the grader', () => {
  test('gives the reference all points in every lab that is made', { timeout: 300_000 }, async () => {
    const kept = mkdtempSync(path.join(tmpdir(), 'kept-'))
    const labs = madeLabs.filter(lab => !lab.solved)
    const reference = {
      name: path.basename(root),
      take: (lab: (typeof labs)[number]) => ({
        sources: new Map(lab.swaps.map(swap => [swap, readFileSync(referenceFile(swap)!, 'utf8')])),
      }),
    }
    const grading = await gradeAll([reference], labs, {
      sandbox,
      limits: usualLimits,
      testMilliseconds: 10_000,
      labMilliseconds: 300_000,
      kept,
    })
    rmSync(kept, { recursive: true })
    expect(grading.submissions[0]!.points).toBe(100 * labs.length)
  })
})
