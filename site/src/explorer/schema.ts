/** Every record of the protocol, read from the IDL file by the reference's own parser, here in the page. */
import { parse } from '../../../reference-impl/src/wire/compiler.ts'
import idl from '../../../reference-impl/src/wire/zookeeper.jute'
import type { Schema } from './message.ts'

export const schema: Schema = new Map(parse(idl).map(record => [record.name, record]))
