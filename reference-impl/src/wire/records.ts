// Made from zookeeper.jute by `npm run records`. Change that file, not this one.
import type { InputArchive, OutputArchive } from './archive.ts'
import { KeeperError } from './errors.ts'

export interface Id {
  scheme: string
  id: string | null
}

export function writeId(out: OutputArchive, record: Id): void {
  out.ustring(record.scheme)
  out.ustring(record.id)
}

export function readId(input: InputArchive): Id {
  return {
    scheme: present(input.ustring(), 'Id.scheme'),
    id: input.ustring(),
  }
}

export interface ACL {
  perms: number
  id: Id
}

export function writeACL(out: OutputArchive, record: ACL): void {
  out.int(record.perms)
  writeId(out, record.id)
}

export function readACL(input: InputArchive): ACL {
  return {
    perms: input.int(),
    id: readId(input),
  }
}

export interface Stat {
  czxid: bigint
  mzxid: bigint
  ctime: bigint
  mtime: bigint
  version: number
  cversion: number
  aversion: number
  ephemeralOwner: bigint
  dataLength: number
  numChildren: number
  pzxid: bigint
}

export function writeStat(out: OutputArchive, record: Stat): void {
  out.long(record.czxid)
  out.long(record.mzxid)
  out.long(record.ctime)
  out.long(record.mtime)
  out.int(record.version)
  out.int(record.cversion)
  out.int(record.aversion)
  out.long(record.ephemeralOwner)
  out.int(record.dataLength)
  out.int(record.numChildren)
  out.long(record.pzxid)
}

export function readStat(input: InputArchive): Stat {
  return {
    czxid: input.long(),
    mzxid: input.long(),
    ctime: input.long(),
    mtime: input.long(),
    version: input.int(),
    cversion: input.int(),
    aversion: input.int(),
    ephemeralOwner: input.long(),
    dataLength: input.int(),
    numChildren: input.int(),
    pzxid: input.long(),
  }
}

export interface StatPersisted {
  czxid: bigint
  mzxid: bigint
  ctime: bigint
  mtime: bigint
  version: number
  cversion: number
  aversion: number
  ephemeralOwner: bigint
  pzxid: bigint
}

export function writeStatPersisted(out: OutputArchive, record: StatPersisted): void {
  out.long(record.czxid)
  out.long(record.mzxid)
  out.long(record.ctime)
  out.long(record.mtime)
  out.int(record.version)
  out.int(record.cversion)
  out.int(record.aversion)
  out.long(record.ephemeralOwner)
  out.long(record.pzxid)
}

export function readStatPersisted(input: InputArchive): StatPersisted {
  return {
    czxid: input.long(),
    mzxid: input.long(),
    ctime: input.long(),
    mtime: input.long(),
    version: input.int(),
    cversion: input.int(),
    aversion: input.int(),
    ephemeralOwner: input.long(),
    pzxid: input.long(),
  }
}

export interface ClientInfo {
  authScheme: string
  user: string
}

export function writeClientInfo(out: OutputArchive, record: ClientInfo): void {
  out.ustring(record.authScheme)
  out.ustring(record.user)
}

export function readClientInfo(input: InputArchive): ClientInfo {
  return {
    authScheme: present(input.ustring(), 'ClientInfo.authScheme'),
    user: present(input.ustring(), 'ClientInfo.user'),
  }
}

export interface ConnectRequest {
  protocolVersion: number
  lastZxidSeen: bigint
  timeOut: number
  sessionId: bigint
  passwd: Uint8Array | null
  readOnly?: boolean | undefined
}

export function writeConnectRequest(out: OutputArchive, record: ConnectRequest): void {
  out.int(record.protocolVersion)
  out.long(record.lastZxidSeen)
  out.int(record.timeOut)
  out.long(record.sessionId)
  out.buffer(record.passwd)
  if (record.readOnly !== undefined) out.bool(record.readOnly)
}

export function readConnectRequest(input: InputArchive): ConnectRequest {
  return {
    protocolVersion: input.int(),
    lastZxidSeen: input.long(),
    timeOut: input.int(),
    sessionId: input.long(),
    passwd: input.buffer(),
    readOnly: input.remaining() === 0 ? undefined : input.bool(),
  }
}

export interface ConnectResponse {
  protocolVersion: number
  timeOut: number
  sessionId: bigint
  passwd: Uint8Array | null
  readOnly?: boolean | undefined
}

export function writeConnectResponse(out: OutputArchive, record: ConnectResponse): void {
  out.int(record.protocolVersion)
  out.int(record.timeOut)
  out.long(record.sessionId)
  out.buffer(record.passwd)
  if (record.readOnly !== undefined) out.bool(record.readOnly)
}

export function readConnectResponse(input: InputArchive): ConnectResponse {
  return {
    protocolVersion: input.int(),
    timeOut: input.int(),
    sessionId: input.long(),
    passwd: input.buffer(),
    readOnly: input.remaining() === 0 ? undefined : input.bool(),
  }
}

export interface RequestHeader {
  xid: number
  type: number
}

export function writeRequestHeader(out: OutputArchive, record: RequestHeader): void {
  out.int(record.xid)
  out.int(record.type)
}

export function readRequestHeader(input: InputArchive): RequestHeader {
  return {
    xid: input.int(),
    type: input.int(),
  }
}

export interface ReplyHeader {
  xid: number
  zxid: bigint
  err: number
}

export function writeReplyHeader(out: OutputArchive, record: ReplyHeader): void {
  out.int(record.xid)
  out.long(record.zxid)
  out.int(record.err)
}

export function readReplyHeader(input: InputArchive): ReplyHeader {
  return {
    xid: input.int(),
    zxid: input.long(),
    err: input.int(),
  }
}

export interface MultiHeader {
  type: number
  done: boolean
  err: number
}

export function writeMultiHeader(out: OutputArchive, record: MultiHeader): void {
  out.int(record.type)
  out.bool(record.done)
  out.int(record.err)
}

export function readMultiHeader(input: InputArchive): MultiHeader {
  return {
    type: input.int(),
    done: input.bool(),
    err: input.int(),
  }
}

export interface ErrorResponse {
  err: number
}

export function writeErrorResponse(out: OutputArchive, record: ErrorResponse): void {
  out.int(record.err)
}

export function readErrorResponse(input: InputArchive): ErrorResponse {
  return {
    err: input.int(),
  }
}

export interface AuthPacket {
  type: number
  scheme: string
  auth: Uint8Array | null
}

export function writeAuthPacket(out: OutputArchive, record: AuthPacket): void {
  out.int(record.type)
  out.ustring(record.scheme)
  out.buffer(record.auth)
}

export function readAuthPacket(input: InputArchive): AuthPacket {
  return {
    type: input.int(),
    scheme: present(input.ustring(), 'AuthPacket.scheme'),
    auth: input.buffer(),
  }
}

export interface GetSASLRequest {
  token: Uint8Array | null
}

export function writeGetSASLRequest(out: OutputArchive, record: GetSASLRequest): void {
  out.buffer(record.token)
}

export function readGetSASLRequest(input: InputArchive): GetSASLRequest {
  return {
    token: input.buffer(),
  }
}

export interface SetSASLResponse {
  token: Uint8Array | null
}

export function writeSetSASLResponse(out: OutputArchive, record: SetSASLResponse): void {
  out.buffer(record.token)
}

export function readSetSASLResponse(input: InputArchive): SetSASLResponse {
  return {
    token: input.buffer(),
  }
}

export interface CreateRequest {
  path: string
  data: Uint8Array | null
  acl: ACL[] | null
  flags: number
}

export function writeCreateRequest(out: OutputArchive, record: CreateRequest): void {
  out.ustring(record.path)
  out.buffer(record.data)
  writeVectorOfACL(out, record.acl)
  out.int(record.flags)
}

export function readCreateRequest(input: InputArchive): CreateRequest {
  return {
    path: present(input.ustring(), 'CreateRequest.path'),
    data: input.buffer(),
    acl: readVectorOfACL(input),
    flags: input.int(),
  }
}

export interface CreateTTLRequest {
  path: string
  data: Uint8Array | null
  acl: ACL[] | null
  flags: number
  ttl: bigint
}

export function writeCreateTTLRequest(out: OutputArchive, record: CreateTTLRequest): void {
  out.ustring(record.path)
  out.buffer(record.data)
  writeVectorOfACL(out, record.acl)
  out.int(record.flags)
  out.long(record.ttl)
}

export function readCreateTTLRequest(input: InputArchive): CreateTTLRequest {
  return {
    path: present(input.ustring(), 'CreateTTLRequest.path'),
    data: input.buffer(),
    acl: readVectorOfACL(input),
    flags: input.int(),
    ttl: input.long(),
  }
}

export interface CreateResponse {
  path: string
}

export function writeCreateResponse(out: OutputArchive, record: CreateResponse): void {
  out.ustring(record.path)
}

export function readCreateResponse(input: InputArchive): CreateResponse {
  return {
    path: present(input.ustring(), 'CreateResponse.path'),
  }
}

export interface Create2Response {
  path: string
  stat: Stat
}

export function writeCreate2Response(out: OutputArchive, record: Create2Response): void {
  out.ustring(record.path)
  writeStat(out, record.stat)
}

export function readCreate2Response(input: InputArchive): Create2Response {
  return {
    path: present(input.ustring(), 'Create2Response.path'),
    stat: readStat(input),
  }
}

export interface DeleteRequest {
  path: string
  version: number
}

export function writeDeleteRequest(out: OutputArchive, record: DeleteRequest): void {
  out.ustring(record.path)
  out.int(record.version)
}

export function readDeleteRequest(input: InputArchive): DeleteRequest {
  return {
    path: present(input.ustring(), 'DeleteRequest.path'),
    version: input.int(),
  }
}

export interface CheckVersionRequest {
  path: string
  version: number
}

export function writeCheckVersionRequest(out: OutputArchive, record: CheckVersionRequest): void {
  out.ustring(record.path)
  out.int(record.version)
}

export function readCheckVersionRequest(input: InputArchive): CheckVersionRequest {
  return {
    path: present(input.ustring(), 'CheckVersionRequest.path'),
    version: input.int(),
  }
}

export interface ExistsRequest {
  path: string
  watch: boolean
}

export function writeExistsRequest(out: OutputArchive, record: ExistsRequest): void {
  out.ustring(record.path)
  out.bool(record.watch)
}

export function readExistsRequest(input: InputArchive): ExistsRequest {
  return {
    path: present(input.ustring(), 'ExistsRequest.path'),
    watch: input.bool(),
  }
}

export interface ExistsResponse {
  stat: Stat
}

export function writeExistsResponse(out: OutputArchive, record: ExistsResponse): void {
  writeStat(out, record.stat)
}

export function readExistsResponse(input: InputArchive): ExistsResponse {
  return {
    stat: readStat(input),
  }
}

export interface GetDataRequest {
  path: string
  watch: boolean
}

export function writeGetDataRequest(out: OutputArchive, record: GetDataRequest): void {
  out.ustring(record.path)
  out.bool(record.watch)
}

export function readGetDataRequest(input: InputArchive): GetDataRequest {
  return {
    path: present(input.ustring(), 'GetDataRequest.path'),
    watch: input.bool(),
  }
}

export interface GetDataResponse {
  data: Uint8Array | null
  stat: Stat
}

export function writeGetDataResponse(out: OutputArchive, record: GetDataResponse): void {
  out.buffer(record.data)
  writeStat(out, record.stat)
}

export function readGetDataResponse(input: InputArchive): GetDataResponse {
  return {
    data: input.buffer(),
    stat: readStat(input),
  }
}

export interface SetDataRequest {
  path: string
  data: Uint8Array | null
  version: number
}

export function writeSetDataRequest(out: OutputArchive, record: SetDataRequest): void {
  out.ustring(record.path)
  out.buffer(record.data)
  out.int(record.version)
}

export function readSetDataRequest(input: InputArchive): SetDataRequest {
  return {
    path: present(input.ustring(), 'SetDataRequest.path'),
    data: input.buffer(),
    version: input.int(),
  }
}

export interface SetDataResponse {
  stat: Stat
}

export function writeSetDataResponse(out: OutputArchive, record: SetDataResponse): void {
  writeStat(out, record.stat)
}

export function readSetDataResponse(input: InputArchive): SetDataResponse {
  return {
    stat: readStat(input),
  }
}

export interface GetACLRequest {
  path: string
}

export function writeGetACLRequest(out: OutputArchive, record: GetACLRequest): void {
  out.ustring(record.path)
}

export function readGetACLRequest(input: InputArchive): GetACLRequest {
  return {
    path: present(input.ustring(), 'GetACLRequest.path'),
  }
}

export interface GetACLResponse {
  acl: ACL[]
  stat: Stat
}

export function writeGetACLResponse(out: OutputArchive, record: GetACLResponse): void {
  writeVectorOfACL(out, record.acl)
  writeStat(out, record.stat)
}

export function readGetACLResponse(input: InputArchive): GetACLResponse {
  return {
    acl: present(readVectorOfACL(input), 'GetACLResponse.acl'),
    stat: readStat(input),
  }
}

export interface SetACLRequest {
  path: string
  acl: ACL[] | null
  version: number
}

export function writeSetACLRequest(out: OutputArchive, record: SetACLRequest): void {
  out.ustring(record.path)
  writeVectorOfACL(out, record.acl)
  out.int(record.version)
}

export function readSetACLRequest(input: InputArchive): SetACLRequest {
  return {
    path: present(input.ustring(), 'SetACLRequest.path'),
    acl: readVectorOfACL(input),
    version: input.int(),
  }
}

export interface SetACLResponse {
  stat: Stat
}

export function writeSetACLResponse(out: OutputArchive, record: SetACLResponse): void {
  writeStat(out, record.stat)
}

export function readSetACLResponse(input: InputArchive): SetACLResponse {
  return {
    stat: readStat(input),
  }
}

export interface GetChildrenRequest {
  path: string
  watch: boolean
}

export function writeGetChildrenRequest(out: OutputArchive, record: GetChildrenRequest): void {
  out.ustring(record.path)
  out.bool(record.watch)
}

export function readGetChildrenRequest(input: InputArchive): GetChildrenRequest {
  return {
    path: present(input.ustring(), 'GetChildrenRequest.path'),
    watch: input.bool(),
  }
}

export interface GetChildrenResponse {
  children: string[]
}

export function writeGetChildrenResponse(out: OutputArchive, record: GetChildrenResponse): void {
  writeVectorOfUstring(out, record.children)
}

export function readGetChildrenResponse(input: InputArchive): GetChildrenResponse {
  return {
    children: present(readVectorOfUstring(input), 'GetChildrenResponse.children'),
  }
}

export interface GetChildren2Request {
  path: string
  watch: boolean
}

export function writeGetChildren2Request(out: OutputArchive, record: GetChildren2Request): void {
  out.ustring(record.path)
  out.bool(record.watch)
}

export function readGetChildren2Request(input: InputArchive): GetChildren2Request {
  return {
    path: present(input.ustring(), 'GetChildren2Request.path'),
    watch: input.bool(),
  }
}

export interface GetChildren2Response {
  children: string[]
  stat: Stat
}

export function writeGetChildren2Response(out: OutputArchive, record: GetChildren2Response): void {
  writeVectorOfUstring(out, record.children)
  writeStat(out, record.stat)
}

export function readGetChildren2Response(input: InputArchive): GetChildren2Response {
  return {
    children: present(readVectorOfUstring(input), 'GetChildren2Response.children'),
    stat: readStat(input),
  }
}

export interface GetAllChildrenNumberRequest {
  path: string
}

export function writeGetAllChildrenNumberRequest(out: OutputArchive, record: GetAllChildrenNumberRequest): void {
  out.ustring(record.path)
}

export function readGetAllChildrenNumberRequest(input: InputArchive): GetAllChildrenNumberRequest {
  return {
    path: present(input.ustring(), 'GetAllChildrenNumberRequest.path'),
  }
}

export interface GetAllChildrenNumberResponse {
  totalNumber: number
}

export function writeGetAllChildrenNumberResponse(out: OutputArchive, record: GetAllChildrenNumberResponse): void {
  out.int(record.totalNumber)
}

export function readGetAllChildrenNumberResponse(input: InputArchive): GetAllChildrenNumberResponse {
  return {
    totalNumber: input.int(),
  }
}

export interface GetEphemeralsRequest {
  prefixPath: string | null
}

export function writeGetEphemeralsRequest(out: OutputArchive, record: GetEphemeralsRequest): void {
  out.ustring(record.prefixPath)
}

export function readGetEphemeralsRequest(input: InputArchive): GetEphemeralsRequest {
  return {
    prefixPath: input.ustring(),
  }
}

export interface GetEphemeralsResponse {
  ephemerals: string[]
}

export function writeGetEphemeralsResponse(out: OutputArchive, record: GetEphemeralsResponse): void {
  writeVectorOfUstring(out, record.ephemerals)
}

export function readGetEphemeralsResponse(input: InputArchive): GetEphemeralsResponse {
  return {
    ephemerals: present(readVectorOfUstring(input), 'GetEphemeralsResponse.ephemerals'),
  }
}

export interface SyncRequest {
  path: string
}

export function writeSyncRequest(out: OutputArchive, record: SyncRequest): void {
  out.ustring(record.path)
}

export function readSyncRequest(input: InputArchive): SyncRequest {
  return {
    path: present(input.ustring(), 'SyncRequest.path'),
  }
}

export interface SyncResponse {
  path: string
}

export function writeSyncResponse(out: OutputArchive, record: SyncResponse): void {
  out.ustring(record.path)
}

export function readSyncResponse(input: InputArchive): SyncResponse {
  return {
    path: present(input.ustring(), 'SyncResponse.path'),
  }
}

export interface SetWatches {
  relativeZxid: bigint
  dataWatches: string[]
  existWatches: string[]
  childWatches: string[]
}

export function writeSetWatches(out: OutputArchive, record: SetWatches): void {
  out.long(record.relativeZxid)
  writeVectorOfUstring(out, record.dataWatches)
  writeVectorOfUstring(out, record.existWatches)
  writeVectorOfUstring(out, record.childWatches)
}

export function readSetWatches(input: InputArchive): SetWatches {
  return {
    relativeZxid: input.long(),
    dataWatches: present(readVectorOfUstring(input), 'SetWatches.dataWatches'),
    existWatches: present(readVectorOfUstring(input), 'SetWatches.existWatches'),
    childWatches: present(readVectorOfUstring(input), 'SetWatches.childWatches'),
  }
}

export interface SetWatches2 {
  relativeZxid: bigint
  dataWatches: string[]
  existWatches: string[]
  childWatches: string[]
  persistentWatches: string[]
  persistentRecursiveWatches: string[]
}

export function writeSetWatches2(out: OutputArchive, record: SetWatches2): void {
  out.long(record.relativeZxid)
  writeVectorOfUstring(out, record.dataWatches)
  writeVectorOfUstring(out, record.existWatches)
  writeVectorOfUstring(out, record.childWatches)
  writeVectorOfUstring(out, record.persistentWatches)
  writeVectorOfUstring(out, record.persistentRecursiveWatches)
}

export function readSetWatches2(input: InputArchive): SetWatches2 {
  return {
    relativeZxid: input.long(),
    dataWatches: present(readVectorOfUstring(input), 'SetWatches2.dataWatches'),
    existWatches: present(readVectorOfUstring(input), 'SetWatches2.existWatches'),
    childWatches: present(readVectorOfUstring(input), 'SetWatches2.childWatches'),
    persistentWatches: present(readVectorOfUstring(input), 'SetWatches2.persistentWatches'),
    persistentRecursiveWatches: present(readVectorOfUstring(input), 'SetWatches2.persistentRecursiveWatches'),
  }
}

export interface AddWatchRequest {
  path: string
  mode: number
}

export function writeAddWatchRequest(out: OutputArchive, record: AddWatchRequest): void {
  out.ustring(record.path)
  out.int(record.mode)
}

export function readAddWatchRequest(input: InputArchive): AddWatchRequest {
  return {
    path: present(input.ustring(), 'AddWatchRequest.path'),
    mode: input.int(),
  }
}

export interface CheckWatchesRequest {
  path: string
  type: number
}

export function writeCheckWatchesRequest(out: OutputArchive, record: CheckWatchesRequest): void {
  out.ustring(record.path)
  out.int(record.type)
}

export function readCheckWatchesRequest(input: InputArchive): CheckWatchesRequest {
  return {
    path: present(input.ustring(), 'CheckWatchesRequest.path'),
    type: input.int(),
  }
}

export interface RemoveWatchesRequest {
  path: string
  type: number
}

export function writeRemoveWatchesRequest(out: OutputArchive, record: RemoveWatchesRequest): void {
  out.ustring(record.path)
  out.int(record.type)
}

export function readRemoveWatchesRequest(input: InputArchive): RemoveWatchesRequest {
  return {
    path: present(input.ustring(), 'RemoveWatchesRequest.path'),
    type: input.int(),
  }
}

export interface WatcherEvent {
  type: number
  state: number
  path: string
}

export function writeWatcherEvent(out: OutputArchive, record: WatcherEvent): void {
  out.int(record.type)
  out.int(record.state)
  out.ustring(record.path)
}

export function readWatcherEvent(input: InputArchive): WatcherEvent {
  return {
    type: input.int(),
    state: input.int(),
    path: present(input.ustring(), 'WatcherEvent.path'),
  }
}

export interface ReconfigRequest {
  joiningServers: string | null
  leavingServers: string | null
  newMembers: string | null
  curConfigId: bigint
}

export function writeReconfigRequest(out: OutputArchive, record: ReconfigRequest): void {
  out.ustring(record.joiningServers)
  out.ustring(record.leavingServers)
  out.ustring(record.newMembers)
  out.long(record.curConfigId)
}

export function readReconfigRequest(input: InputArchive): ReconfigRequest {
  return {
    joiningServers: input.ustring(),
    leavingServers: input.ustring(),
    newMembers: input.ustring(),
    curConfigId: input.long(),
  }
}

export interface WhoAmIResponse {
  clientInfo: ClientInfo[]
}

export function writeWhoAmIResponse(out: OutputArchive, record: WhoAmIResponse): void {
  writeVectorOfClientInfo(out, record.clientInfo)
}

export function readWhoAmIResponse(input: InputArchive): WhoAmIResponse {
  return {
    clientInfo: present(readVectorOfClientInfo(input), 'WhoAmIResponse.clientInfo'),
  }
}

export interface TxnHeader {
  clientId: bigint
  cxid: number
  zxid: bigint
  time: bigint
  type: number
}

export function writeTxnHeader(out: OutputArchive, record: TxnHeader): void {
  out.long(record.clientId)
  out.int(record.cxid)
  out.long(record.zxid)
  out.long(record.time)
  out.int(record.type)
}

export function readTxnHeader(input: InputArchive): TxnHeader {
  return {
    clientId: input.long(),
    cxid: input.int(),
    zxid: input.long(),
    time: input.long(),
    type: input.int(),
  }
}

export interface TxnDigest {
  version: number
  treeDigest: bigint
}

export function writeTxnDigest(out: OutputArchive, record: TxnDigest): void {
  out.int(record.version)
  out.long(record.treeDigest)
}

export function readTxnDigest(input: InputArchive): TxnDigest {
  return {
    version: input.int(),
    treeDigest: input.long(),
  }
}

export interface CreateTxn {
  path: string
  data: Uint8Array | null
  acl: ACL[]
  ephemeral: boolean
  parentCVersion?: number | undefined
}

export function writeCreateTxn(out: OutputArchive, record: CreateTxn): void {
  out.ustring(record.path)
  out.buffer(record.data)
  writeVectorOfACL(out, record.acl)
  out.bool(record.ephemeral)
  if (record.parentCVersion !== undefined) out.int(record.parentCVersion)
}

export function readCreateTxn(input: InputArchive): CreateTxn {
  return {
    path: present(input.ustring(), 'CreateTxn.path'),
    data: input.buffer(),
    acl: present(readVectorOfACL(input), 'CreateTxn.acl'),
    ephemeral: input.bool(),
    parentCVersion: input.remaining() === 0 ? undefined : input.int(),
  }
}

export interface CreateContainerTxn {
  path: string
  data: Uint8Array | null
  acl: ACL[]
  parentCVersion: number
}

export function writeCreateContainerTxn(out: OutputArchive, record: CreateContainerTxn): void {
  out.ustring(record.path)
  out.buffer(record.data)
  writeVectorOfACL(out, record.acl)
  out.int(record.parentCVersion)
}

export function readCreateContainerTxn(input: InputArchive): CreateContainerTxn {
  return {
    path: present(input.ustring(), 'CreateContainerTxn.path'),
    data: input.buffer(),
    acl: present(readVectorOfACL(input), 'CreateContainerTxn.acl'),
    parentCVersion: input.int(),
  }
}

export interface CreateTTLTxn {
  path: string
  data: Uint8Array | null
  acl: ACL[]
  parentCVersion: number
  ttl: bigint
}

export function writeCreateTTLTxn(out: OutputArchive, record: CreateTTLTxn): void {
  out.ustring(record.path)
  out.buffer(record.data)
  writeVectorOfACL(out, record.acl)
  out.int(record.parentCVersion)
  out.long(record.ttl)
}

export function readCreateTTLTxn(input: InputArchive): CreateTTLTxn {
  return {
    path: present(input.ustring(), 'CreateTTLTxn.path'),
    data: input.buffer(),
    acl: present(readVectorOfACL(input), 'CreateTTLTxn.acl'),
    parentCVersion: input.int(),
    ttl: input.long(),
  }
}

export interface DeleteTxn {
  path: string
}

export function writeDeleteTxn(out: OutputArchive, record: DeleteTxn): void {
  out.ustring(record.path)
}

export function readDeleteTxn(input: InputArchive): DeleteTxn {
  return {
    path: present(input.ustring(), 'DeleteTxn.path'),
  }
}

export interface SetDataTxn {
  path: string
  data: Uint8Array | null
  version: number
}

export function writeSetDataTxn(out: OutputArchive, record: SetDataTxn): void {
  out.ustring(record.path)
  out.buffer(record.data)
  out.int(record.version)
}

export function readSetDataTxn(input: InputArchive): SetDataTxn {
  return {
    path: present(input.ustring(), 'SetDataTxn.path'),
    data: input.buffer(),
    version: input.int(),
  }
}

export interface SetACLTxn {
  path: string
  acl: ACL[]
  version: number
}

export function writeSetACLTxn(out: OutputArchive, record: SetACLTxn): void {
  out.ustring(record.path)
  writeVectorOfACL(out, record.acl)
  out.int(record.version)
}

export function readSetACLTxn(input: InputArchive): SetACLTxn {
  return {
    path: present(input.ustring(), 'SetACLTxn.path'),
    acl: present(readVectorOfACL(input), 'SetACLTxn.acl'),
    version: input.int(),
  }
}

export interface CheckVersionTxn {
  path: string
  version: number
}

export function writeCheckVersionTxn(out: OutputArchive, record: CheckVersionTxn): void {
  out.ustring(record.path)
  out.int(record.version)
}

export function readCheckVersionTxn(input: InputArchive): CheckVersionTxn {
  return {
    path: present(input.ustring(), 'CheckVersionTxn.path'),
    version: input.int(),
  }
}

export interface CreateSessionTxn {
  timeOut: number
}

export function writeCreateSessionTxn(out: OutputArchive, record: CreateSessionTxn): void {
  out.int(record.timeOut)
}

export function readCreateSessionTxn(input: InputArchive): CreateSessionTxn {
  return {
    timeOut: input.int(),
  }
}

export interface CloseSessionTxn {
  paths2Delete?: string[] | undefined
}

export function writeCloseSessionTxn(out: OutputArchive, record: CloseSessionTxn): void {
  if (record.paths2Delete !== undefined) writeVectorOfUstring(out, record.paths2Delete)
}

export function readCloseSessionTxn(input: InputArchive): CloseSessionTxn {
  return {
    paths2Delete: input.remaining() === 0 ? undefined : present(readVectorOfUstring(input), 'CloseSessionTxn.paths2Delete'),
  }
}

export interface ErrorTxn {
  err: number
}

export function writeErrorTxn(out: OutputArchive, record: ErrorTxn): void {
  out.int(record.err)
}

export function readErrorTxn(input: InputArchive): ErrorTxn {
  return {
    err: input.int(),
  }
}

export interface Txn {
  type: number
  data: Uint8Array | null
}

export function writeTxn(out: OutputArchive, record: Txn): void {
  out.int(record.type)
  out.buffer(record.data)
}

export function readTxn(input: InputArchive): Txn {
  return {
    type: input.int(),
    data: input.buffer(),
  }
}

export interface MultiTxn {
  txns: Txn[]
}

export function writeMultiTxn(out: OutputArchive, record: MultiTxn): void {
  writeVectorOfTxn(out, record.txns)
}

export function readMultiTxn(input: InputArchive): MultiTxn {
  return {
    txns: present(readVectorOfTxn(input), 'MultiTxn.txns'),
  }
}

export interface FileHeader {
  magic: number
  version: number
  dbid: bigint
}

export function writeFileHeader(out: OutputArchive, record: FileHeader): void {
  out.int(record.magic)
  out.int(record.version)
  out.long(record.dbid)
}

export function readFileHeader(input: InputArchive): FileHeader {
  return {
    magic: input.int(),
    version: input.int(),
    dbid: input.long(),
  }
}

export interface EntryHeader {
  crc: bigint
  length: number
}

export function writeEntryHeader(out: OutputArchive, record: EntryHeader): void {
  out.long(record.crc)
  out.int(record.length)
}

export function readEntryHeader(input: InputArchive): EntryHeader {
  return {
    crc: input.long(),
    length: input.int(),
  }
}

export interface SessionTimeout {
  sessionId: bigint
  timeOut: number
}

export function writeSessionTimeout(out: OutputArchive, record: SessionTimeout): void {
  out.long(record.sessionId)
  out.int(record.timeOut)
}

export function readSessionTimeout(input: InputArchive): SessionTimeout {
  return {
    sessionId: input.long(),
    timeOut: input.int(),
  }
}

export interface AclEntry {
  key: bigint
  acl: ACL[]
}

export function writeAclEntry(out: OutputArchive, record: AclEntry): void {
  out.long(record.key)
  writeVectorOfACL(out, record.acl)
}

export function readAclEntry(input: InputArchive): AclEntry {
  return {
    key: input.long(),
    acl: present(readVectorOfACL(input), 'AclEntry.acl'),
  }
}

export interface DataNode {
  data: Uint8Array | null
  acl: bigint
  stat: StatPersisted
}

export function writeDataNode(out: OutputArchive, record: DataNode): void {
  out.buffer(record.data)
  out.long(record.acl)
  writeStatPersisted(out, record.stat)
}

export function readDataNode(input: InputArchive): DataNode {
  return {
    data: input.buffer(),
    acl: input.long(),
    stat: readStatPersisted(input),
  }
}

export interface Seal {
  adler32: bigint
  path: string
}

export function writeSeal(out: OutputArchive, record: Seal): void {
  out.long(record.adler32)
  out.ustring(record.path)
}

export function readSeal(input: InputArchive): Seal {
  return {
    adler32: input.long(),
    path: present(input.ustring(), 'Seal.path'),
  }
}

export interface SnapshotDigest {
  zxid: bigint
  digestVersion: number
  digest: bigint
}

export function writeSnapshotDigest(out: OutputArchive, record: SnapshotDigest): void {
  out.long(record.zxid)
  out.int(record.digestVersion)
  out.long(record.digest)
}

export function readSnapshotDigest(input: InputArchive): SnapshotDigest {
  return {
    zxid: input.long(),
    digestVersion: input.int(),
    digest: input.long(),
  }
}

export interface QuorumPacket {
  type: number
  zxid: bigint
  data: Uint8Array | null
  authinfo: Id[] | null
}

export function writeQuorumPacket(out: OutputArchive, record: QuorumPacket): void {
  out.int(record.type)
  out.long(record.zxid)
  out.buffer(record.data)
  writeVectorOfId(out, record.authinfo)
}

export function readQuorumPacket(input: InputArchive): QuorumPacket {
  return {
    type: input.int(),
    zxid: input.long(),
    data: input.buffer(),
    authinfo: readVectorOfId(input),
  }
}

export interface LearnerInfo {
  serverid: bigint
  protocolVersion: number
  configVersion: bigint
}

export function writeLearnerInfo(out: OutputArchive, record: LearnerInfo): void {
  out.long(record.serverid)
  out.int(record.protocolVersion)
  out.long(record.configVersion)
}

export function readLearnerInfo(input: InputArchive): LearnerInfo {
  return {
    serverid: input.long(),
    protocolVersion: input.int(),
    configVersion: input.long(),
  }
}

export interface QuorumAuthPacket {
  magic: bigint
  status: number
  token: Uint8Array | null
}

export function writeQuorumAuthPacket(out: OutputArchive, record: QuorumAuthPacket): void {
  out.long(record.magic)
  out.int(record.status)
  out.buffer(record.token)
}

export function readQuorumAuthPacket(input: InputArchive): QuorumAuthPacket {
  return {
    magic: input.long(),
    status: input.int(),
    token: input.buffer(),
  }
}

export interface LearnerRequest {
  sessionId: bigint
  cxid: number
  type: number
}

export function writeLearnerRequest(out: OutputArchive, record: LearnerRequest): void {
  out.long(record.sessionId)
  out.int(record.cxid)
  out.int(record.type)
}

export function readLearnerRequest(input: InputArchive): LearnerRequest {
  return {
    sessionId: input.long(),
    cxid: input.int(),
    type: input.int(),
  }
}

export interface RevalidateResponse {
  sessionId: bigint
  valid: boolean
}

export function writeRevalidateResponse(out: OutputArchive, record: RevalidateResponse): void {
  out.long(record.sessionId)
  out.bool(record.valid)
}

export function readRevalidateResponse(input: InputArchive): RevalidateResponse {
  return {
    sessionId: input.long(),
    valid: input.bool(),
  }
}

export interface ElectionHello {
  protocolVersion: bigint
  sid: bigint
  address: string
}

export function writeElectionHello(out: OutputArchive, record: ElectionHello): void {
  out.long(record.protocolVersion)
  out.long(record.sid)
  out.ustring(record.address)
}

export function readElectionHello(input: InputArchive): ElectionHello {
  return {
    protocolVersion: input.long(),
    sid: input.long(),
    address: present(input.ustring(), 'ElectionHello.address'),
  }
}

export interface Notification {
  state: number
  leader: bigint
  zxid: bigint
  electionEpoch: bigint
  peerEpoch?: bigint | undefined
  version?: number | undefined
  config?: string | undefined
}

export function writeNotification(out: OutputArchive, record: Notification): void {
  out.int(record.state)
  out.long(record.leader)
  out.long(record.zxid)
  out.long(record.electionEpoch)
  if (record.peerEpoch !== undefined) out.long(record.peerEpoch)
  if (record.version !== undefined) out.int(record.version)
  if (record.config !== undefined) out.ustring(record.config)
}

export function readNotification(input: InputArchive): Notification {
  return {
    state: input.int(),
    leader: input.long(),
    zxid: input.long(),
    electionEpoch: input.long(),
    peerEpoch: input.remaining() === 0 ? undefined : input.long(),
    version: input.remaining() === 0 ? undefined : input.int(),
    config: input.remaining() === 0 ? undefined : present(input.ustring(), 'Notification.config'),
  }
}

function writeVectorOfACL(out: OutputArchive, items: readonly ACL[] | null): void {
  out.vector(items === null ? null : items.length)
  if (items === null) return
  for (const item of items) writeACL(out, item)
}

function readVectorOfACL(input: InputArchive): ACL[] | null {
  const count = input.vector()
  if (count === null) return null
  const items: ACL[] = []
  for (let i = 0; i < count; i++) items.push(readACL(input))
  return items
}

function writeVectorOfUstring(out: OutputArchive, items: readonly string[] | null): void {
  out.vector(items === null ? null : items.length)
  if (items === null) return
  for (const item of items) out.ustring(item)
}

function readVectorOfUstring(input: InputArchive): string[] | null {
  const count = input.vector()
  if (count === null) return null
  const items: string[] = []
  for (let i = 0; i < count; i++) items.push(present(input.ustring(), 'an element of vector<ustring>'))
  return items
}

function writeVectorOfClientInfo(out: OutputArchive, items: readonly ClientInfo[] | null): void {
  out.vector(items === null ? null : items.length)
  if (items === null) return
  for (const item of items) writeClientInfo(out, item)
}

function readVectorOfClientInfo(input: InputArchive): ClientInfo[] | null {
  const count = input.vector()
  if (count === null) return null
  const items: ClientInfo[] = []
  for (let i = 0; i < count; i++) items.push(readClientInfo(input))
  return items
}

function writeVectorOfTxn(out: OutputArchive, items: readonly Txn[] | null): void {
  out.vector(items === null ? null : items.length)
  if (items === null) return
  for (const item of items) writeTxn(out, item)
}

function readVectorOfTxn(input: InputArchive): Txn[] | null {
  const count = input.vector()
  if (count === null) return null
  const items: Txn[] = []
  for (let i = 0; i < count; i++) items.push(readTxn(input))
  return items
}

function writeVectorOfId(out: OutputArchive, items: readonly Id[] | null): void {
  out.vector(items === null ? null : items.length)
  if (items === null) return
  for (const item of items) writeId(out, item)
}

function readVectorOfId(input: InputArchive): Id[] | null {
  const count = input.vector()
  if (count === null) return null
  const items: Id[] = []
  for (let i = 0; i < count; i++) items.push(readId(input))
  return items
}

function present<T>(value: T | null, what: string): T {
  if (value === null) throw new KeeperError('MARSHALLINGERROR', `${what} is null`)
  return value
}
