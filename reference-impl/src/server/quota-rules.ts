/** How a server keeps to its quotas: what it refuses, and how often it tells the operator of the same excess. */
import type { QuotaRules } from '../pipeline/request.ts'
import type { Excess, Quotas } from '../state/quotas.ts'
import type { Millis } from '../world/world.ts'
import type { ServerEvent } from './report.ts'

/** A client that is over a limit writes on, and each of its writes would be a line. */
const between: Millis = 60_000

export function quotaRules(
  quotas: Quotas,
  isEnforced: boolean,
  now: () => Millis,
  report: (event: ServerEvent) => void,
  /** A write is refused because of the limit at `path`. */
  exceeded: (path: string) => void,
): QuotaRules {
  const told = new Map<string, Millis>()

  function tell(excess: Excess): void {
    if (excess.isHard && isEnforced) exceeded(excess.path)
    const key = `${excess.what} ${excess.path}`
    if (now() < (told.get(key) ?? 0)) return
    for (const [each, until] of told) if (until <= now()) told.delete(each)
    told.set(key, now() + between)
    report({ type: 'over quota', ...excess, isRefused: excess.isHard && isEnforced })
  }

  return { quotas, isEnforced, report: tell }
}
