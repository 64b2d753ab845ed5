/** How values are written in a `zoo.cfg`: the kinds of settings, each with the words for whoever writes another thing. */
import type { Millis } from '../world/world.ts'

/** How a value is written. `example` is what to show to somebody who wrote another thing. */
export type Kind =
  /** Decimal digits, perhaps with a sign. `instead` says what some values stand for; `usual` is the default. */
  | {
      type: 'whole'
      least: number
      most: number
      example: number
      instead?: ReadonlyMap<string, number | 'usual'>
    }
  /** Anything but nothing; what `isGood` says of it holds, if it says something. */
  | { type: 'text'; example: string; isGood?: (value: string) => boolean; rule?: string }
  /** One of these, letter by letter, or without regard to capitals. */
  | { type: 'choice'; choices: ReadonlyMap<string, boolean>; anyCase: boolean; rule: string }
  /** Names with commas between them; `always` are there whether they are named or not. */
  | { type: 'names'; always: readonly string[] }
  /** A length of time: a number and a unit; without a unit the `usual` one. Less than none is none. */
  | { type: 'span'; units: ReadonlyMap<string, Millis>; usual: string; rule: string }

export type KindOf<T> = Extract<
  Kind,
  NonNullable<T> extends number
    ? { type: 'whole' | 'span' }
    : NonNullable<T> extends boolean
      ? { type: 'choice' }
      : NonNullable<T> extends string
        ? { type: 'text' }
        : { type: 'names' }
>

/** The largest number of Java's `int`. */
export const most = 0x7fff_ffff
const span = new Map(Object.entries({ ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }))

export function whole(least: number, most: number, example: number) {
  return { type: 'whole', least, most, example } as const
}

/** -1 stands for the default. */
export function timeout(example: number) {
  return { ...whole(1, most, example), instead: new Map([['-1', 'usual' as const]]) } as const
}

/** Nothing and less than nothing both stand for "no limit". */
export function limit(example: number) {
  return {
    ...whole(1, most, example),
    instead: new Map(['0', '-1'].map(value => [value, 0] as const)),
  } as const
}

export function text(example: string, isGood?: (value: string) => boolean, rule?: string): KindOf<string> {
  return isGood === undefined || rule === undefined
    ? { type: 'text', example }
    : { type: 'text', example, isGood, rule }
}

/** A password may be no password. */
export function anyText(): KindOf<string> {
  return { type: 'text', example: '' }
}

export function storeType(): KindOf<string> {
  const isType = (value: string): boolean => /^(jks|pem|pkcs12)$/i.test(value)
  return text('PKCS12', isType, 'must be JKS, PEM or PKCS12')
}

/** A number from 0 to 1, as it is written. */
export function share(example: string): KindOf<string> {
  return text(example, value => /^(0?\.\d+|[01](\.0*)?|0\.\d+)$/.test(value), 'must be a number from 0 to 1')
}

export function isProtocol(name: string): boolean {
  return name === 'TLSv1.2' || name === 'TLSv1.3'
}

export function protocolRule(): string {
  return 'must be TLSv1.2 or TLSv1.3'
}

export function choice(choices: readonly (readonly [string, boolean])[], rule: string, anyCase: boolean) {
  return { type: 'choice', choices: new Map(choices), rule, anyCase } as const
}

export function trueOrFalse(): KindOf<boolean> {
  const words = [['true', true] as const, ['false', false] as const]
  return choice(words, 'must be either true or false', true)
}

export function yesOrNo(): KindOf<boolean> {
  const words = [['yes', true] as const, ['no', false] as const]
  return choice(words, 'must be either yes or no', false)
}

/** Apache's default provider keeps figures for `mntr`, which we always do; the other one serves Prometheus as well. */
export function metricsProvider(): KindOf<boolean> {
  const usual = 'org.apache.zookeeper.metrics.impl.DefaultMetricsProvider'
  const prometheus = 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider'
  const words = [[usual, false] as const, [prometheus, true] as const]
  return choice(words, `must be ${prometheus}, or left out`, false)
}

export function connectionFactory(): KindOf<boolean> {
  const words = ['NettyServerCnxnFactory', 'NIOServerCnxnFactory'].map(
    name => `org.apache.zookeeper.server.${name}`,
  )
  return choice(
    words.map(word => [word, true]),
    `must be ${words.join(' or ')}`,
    false,
  )
}

export function names(...always: readonly string[]) {
  return { type: 'names', always } as const
}

export function hours() {
  const rule = 'must be a number of hours, or a number with ms, s, m, h or d, for example 24'
  return { type: 'span', units: span, usual: 'h', rule } as const
}

export function compression(): KindOf<string> {
  const isMethod = (value: string): boolean => /^(|gz|snappy)$/.test(value)
  return text('gz', isMethod, 'must be gz or snappy, or nothing')
}
