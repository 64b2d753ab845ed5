/** Everything that the page of the damaged log says in words, in one place, to be translated. */
import { translate } from '@docusaurus/Translate'
import type { Kind } from './choice.ts'
import type { Part, Verdict } from './log.ts'

export function kindName(kind: Kind): string {
  switch (kind) {
    case 'flip':
      return translate({ id: 'damage.kind.flip', message: 'one bit of it changes' })
    case 'zeros':
      return translate({ id: 'damage.kind.zeros', message: 'from here on nothing was written' })
    case 'end':
      return translate({ id: 'damage.kind.end', message: 'the file ends here' })
  }
}

export function partName(part: Part): string {
  switch (part) {
    case 'magic':
      return translate({ id: 'damage.part.magic', message: 'the letters ZKLG' })
    case 'version':
      return translate({ id: 'damage.part.version', message: 'version of the format' })
    case 'database':
      return translate({ id: 'damage.part.database', message: 'a number that was never used' })
    case 'checksum':
      return translate({ id: 'damage.part.checksum', message: 'checksum' })
    case 'length':
      return translate({ id: 'damage.part.length', message: 'length' })
    case 'payload':
      return translate({ id: 'damage.part.payload', message: 'the transaction' })
    case 'mark':
      return translate({ id: 'damage.part.mark', message: 'end mark' })
    case 'room':
      return translate({ id: 'damage.part.room', message: 'room ahead' })
  }
}

/** What a server makes of it, and why; `all`: how many transactions there were. */
export function verdictOf({ applied }: Verdict, all: number): string {
  if (applied === null)
    return translate({
      id: 'damage.verdict.refuses',
      message:
        'A server refuses to start. What stands there was finished, so it may have been promised, and it is not what was written. To go on without it would take a promise back.',
    })
  if (applied === all)
    return translate({
      id: 'damage.verdict.whole',
      message: 'A server starts, and has everything.',
    })
  return translate(
    {
      id: 'damage.verdict.shorter',
      message:
        'A server starts with {applied} of {all}. It takes the next entry for one that was not finished, whose author was never answered, and what is behind that for nothing.',
    },
    { applied: String(applied), all: String(all) },
  )
}
