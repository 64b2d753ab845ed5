/**
 * The numbers of the client and quorum protocols that are not error codes: what a request asks for, how a node is
 * made, what a watch tells. Names as in ZooKeeper's documentation.
 * Source: Apache's ZooDefs, CreateMode, Watcher and Leader.
 */
export const OpCode = {
  notification: 0,
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getACL: 6,
  setACL: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  reconfig: 16,
  checkWatches: 17,
  removeWatches: 18,
  createContainer: 19,
  deleteContainer: 20,
  createTTL: 21,
  multiRead: 22,
  auth: 100,
  setWatches: 101,
  sasl: 102,
  getEphemerals: 103,
  getAllChildrenNumber: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  /** These three are transactions of the server's own and results in a multi; no client sends the first and the last. */
  createSession: -10,
  closeSession: -11,
  error: -1,
} as const

export type OpName = keyof typeof OpCode
export type OpCode = (typeof OpCode)[OpName]

const opNames = new Map<number, OpName>(Object.entries(OpCode).map(([name, code]) => [code, name as OpName]))

/** The name of an operation; an unknown one is shown as its number. */
export function opName(code: number): string {
  return opNames.get(code) ?? String(code)
}

/** Xids that no request counts up to: they mark the exchanges which are not one reply for one request. */
export const Xid = {
  notification: -1,
  ping: -2,
  auth: -4,
  setWatches: -8,
} as const

/** The `flags` of a create request. */
export const CreateMode = {
  PERSISTENT: 0,
  EPHEMERAL: 1,
  PERSISTENT_SEQUENTIAL: 2,
  EPHEMERAL_SEQUENTIAL: 3,
  CONTAINER: 4,
  PERSISTENT_WITH_TTL: 5,
  PERSISTENT_SEQUENTIAL_WITH_TTL: 6,
} as const

export type CreateMode = (typeof CreateMode)[keyof typeof CreateMode]

/** The bits of an ACL entry's `perms`. */
export const Perms = {
  READ: 1,
  WRITE: 2,
  CREATE: 4,
  DELETE: 8,
  ADMIN: 16,
  ALL: 31,
} as const

/** The `type` of a WatcherEvent. The three …WatchRemoved and None are made by clients and never travel. */
export const EventType = {
  None: -1,
  NodeCreated: 1,
  NodeDeleted: 2,
  NodeDataChanged: 3,
  NodeChildrenChanged: 4,
  DataWatchRemoved: 5,
  ChildWatchRemoved: 6,
  PersistentWatchRemoved: 7,
} as const

export type EventType = (typeof EventType)[keyof typeof EventType]

/** The `state` of a WatcherEvent. Servers only ever send SyncConnected; the others are what a client finds out. */
export const KeeperState = {
  Disconnected: 0,
  SyncConnected: 3,
  AuthFailed: 4,
  ConnectedReadOnly: 5,
  SaslAuthenticated: 6,
  Closed: 7,
  Expired: -112,
} as const

export type KeeperState = (typeof KeeperState)[keyof typeof KeeperState]

/** Which watches checkWatches and removeWatches mean. */
export const WatcherType = {
  Children: 1,
  Data: 2,
  Any: 3,
  Persistent: 4,
  PersistentRecursive: 5,
} as const

export type WatcherType = (typeof WatcherType)[keyof typeof WatcherType]

/** The `mode` of an addWatch request. */
export const AddWatchMode = {
  PERSISTENT: 0,
  PERSISTENT_RECURSIVE: 1,
} as const

export type AddWatchMode = (typeof AddWatchMode)[keyof typeof AddWatchMode]

/** The `type` of a QuorumPacket: what a leader and its learners say to each other. */
export const PacketType = {
  REQUEST: 1,
  PROPOSAL: 2,
  ACK: 3,
  COMMIT: 4,
  PING: 5,
  REVALIDATE: 6,
  SYNC: 7,
  INFORM: 8,
  COMMITANDACTIVATE: 9,
  NEWLEADER: 10,
  FOLLOWERINFO: 11,
  UPTODATE: 12,
  DIFF: 13,
  TRUNC: 14,
  SNAP: 15,
  OBSERVERINFO: 16,
  LEADERINFO: 17,
  ACKEPOCH: 18,
  INFORMANDACTIVATE: 19,
} as const

export type PacketType = (typeof PacketType)[keyof typeof PacketType]
