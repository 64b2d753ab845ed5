/** What passes between a program and the start of a server. */
import type { SaslUsers } from '../session/digest-md5.ts'
import type { Purged } from '../storage/purge.ts'
import type { Disks, Recovered } from '../storage/recovery.ts'
import type { StorageEvent } from '../storage/storage.ts'
import type { DriverEvent } from '../world/driver.ts'
import type { Address } from '../world/world.ts'
import type { Metrics } from './metrics.ts'
import type { PortKeys } from './ports.ts'
import type { HostReport, ServerEvent, ServerReport, WordAnswer } from './report.ts'
import type { Settings } from './settings.ts'
import type { StandaloneMachine } from './standalone-machine.ts'

export interface StartOptions {
  settings: Settings
  /** Where the files are; the same disk twice when the `dataLogDir` is the `dataDir`. */
  disks: Disks
  /** Where to count. */
  metrics: Metrics
  /** The text that a four-letter word is answered with. */
  answerWord(word: string, report: ServerReport, settings: Settings): WordAnswer
  /** What the ports with TLS need. */
  keys?: PortKeys
  /** Who may log in by SASL; without it, nobody. */
  sasl?: SaslUsers
  /** Dice: a number from 0 on and below 1. */
  chance?(): number
  /** In whose name the server does what nobody has asked for. */
  serverUser?: string
  /** What only the world knows. */
  host?: HostReport
  /** What an operator may want to know, as it happens. */
  report(event: StartEvent): void
  /** Called at most once: every port is bound. */
  ready(serving: Serving): void
  /** Called at most once, and then it is over: nothing listens, nothing is purged. It may come after `ready`. */
  failed(failure: Failure): void
}

export interface Serving {
  /** The addresses bound, by the name of their port. */
  addresses: Record<string, Address>
  recovered: Recovered
  machine: StandaloneMachine
}

export type Failure =
  /** The folder cannot be made fit to go on from. */
  | { during: 'opening'; error: Error }
  /** The port of this name cannot be bound. */
  | { during: 'listening'; error: Error; port: string }
  /** The log cannot be written. */
  | { during: 'serving'; error: Error }

export type StartEvent =
  | ServerEvent
  | DriverEvent
  | StorageEvent
  /** A snapshot that cannot be used; an older one was. */
  | { type: 'passed over'; what: string }
  | ({ type: 'purged' } & Purged)

export interface Started {
  /** At any moment. What was sent still leaves, and neither `ready` nor `failed` is called from here on. Then calls `done`. */
  stop(done?: () => void): void
}
