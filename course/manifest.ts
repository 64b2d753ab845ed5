/**
 * The labs, once: everything else (command line, sidebar, grader, handout, checks) derives from this list.
 */
export interface Lab {
  /** Two digits; also the number of the chapter. */
  id: string
  slug: string
  /** The chapter's title. */
  title: string
  /** Files that the student's version replaces, relative to `reference-impl/src`, without extension. */
  swaps: readonly string[]
  /** `made`: chapter, stub, tests, mutants, handout and walk-through stand. `planned`: only the name does. */
  status: 'made' | 'planned'
  /** Comes solved: to be read and broken, not to be written. */
  solved?: true
  /** What is graded, by part. The points of a lab add up to 100. */
  parts: readonly Part[]
  /** How long it takes a newcomer, chapter included. */
  minutes: number
  /** Labs whose chapters one should have read. */
  needs: readonly string[]
}

export interface Part {
  /** A, B, C … as in the stub's regions and in the `describe('A. …')` of the tests. */
  id: string
  title: string
  points: number
}

function planned(id: string, slug: string, title: string, ...swaps: string[]): Lab {
  return { id, slug, title, swaps, status: 'planned', parts: [], minutes: 0, needs: [] }
}

export const labs: readonly Lab[] = [
  {
    id: '00',
    slug: 'preface',
    title: 'Preface: a course that runs',
    swaps: ['wire/zxid'],
    status: 'made',
    solved: true,
    parts: [
      { id: 'A', title: 'Two halves', points: 40 },
      { id: 'B', title: 'One after the other', points: 30 },
      { id: 'C', title: 'In writing', points: 30 },
      { id: 'D', title: 'Your machine', points: 0 },
    ],
    minutes: 40,
    needs: [],
  },
  {
    id: '01',
    slug: 'data-model',
    title: 'The data model',
    swaps: ['state/data-tree'],
    status: 'made',
    parts: [
      { id: 'A', title: 'Create a node', points: 35 },
      { id: 'B', title: 'Delete a node', points: 20 },
      { id: 'C', title: 'Data and versions', points: 15 },
      { id: 'D', title: 'Ephemeral and sequential nodes', points: 30 },
    ],
    minutes: 120,
    needs: ['00'],
  },
  {
    id: '02',
    slug: 'watches',
    title: 'Watches: publish and subscribe',
    swaps: ['state/watches'],
    status: 'made',
    parts: [
      { id: 'A', title: 'Tell those who watch', points: 40 },
      { id: 'B', title: 'Give watches up', points: 15 },
      { id: 'C', title: 'Watches that stay', points: 25 },
      { id: 'D', title: 'Come back', points: 20 },
    ],
    minutes: 100,
    needs: ['01'],
  },
  {
    id: '03',
    slug: 'acl',
    title: 'Access control lists',
    swaps: ['state/acl'],
    status: 'made',
    parts: [
      { id: 'A', title: 'May they?', points: 35 },
      { id: 'B', title: 'The list as it is stored', points: 30 },
      { id: 'C', title: 'Addresses', points: 20 },
      { id: 'D', title: 'Secrets', points: 15 },
    ],
    minutes: 90,
    needs: ['01'],
  },
  {
    id: '04',
    slug: 'serialization',
    title: 'Serialization',
    swaps: ['wire/jute'],
    status: 'made',
    parts: [
      { id: 'A', title: 'Write the fixed-size types', points: 25 },
      { id: 'B', title: 'Write what has a length', points: 25 },
      { id: 'C', title: 'Read the fixed-size types', points: 20 },
      { id: 'D', title: 'Read what has a length, and distrust it', points: 30 },
    ],
    minutes: 120,
    needs: [],
  },
  {
    id: '05',
    slug: 'inside-jute',
    title: 'Inside Jute: a compiler for records',
    swaps: ['wire/compiler'],
    status: 'made',
    parts: [
      { id: 'A', title: 'Cut the file into words and signs', points: 15 },
      { id: 'B', title: 'Parse records and their fields', points: 25 },
      { id: 'C', title: 'Find out what a type means', points: 15 },
      { id: 'D', title: 'Emit the code that writes', points: 15 },
      { id: 'E', title: 'Emit the code that reads', points: 20 },
      { id: 'F', title: 'Compile the whole file', points: 10 },
    ],
    minutes: 150,
    needs: ['04'],
  },
  {
    id: '06',
    slug: 'network-protocol',
    title: 'The network protocol',
    swaps: ['wire/frames'],
    status: 'made',
    parts: [
      { id: 'A', title: 'Put a payload into a frame', points: 10 },
      { id: 'B', title: 'Read a length, and refuse the impossible ones', points: 20 },
      { id: 'C', title: 'Cut the stream into frames', points: 45 },
      { id: 'D', title: 'Know a word when you see one', points: 25 },
    ],
    minutes: 90,
    needs: ['04'],
  },
  {
    id: '07',
    slug: 'standalone-start',
    title: 'Starting a standalone server',
    swaps: ['server/config', 'server/standalone'],
    status: 'made',
    parts: [
      { id: 'A', title: 'Cut the file into properties', points: 15 },
      { id: 'B', title: 'Read a value', points: 20 },
      { id: 'C', title: 'From lines to settings', points: 25 },
      { id: 'D', title: 'Start in order', points: 25 },
      { id: 'E', title: 'Fail, and stop', points: 15 },
    ],
    minutes: 150,
    needs: ['01', '06'],
  },
  planned('08', 'ensemble-start', 'Starting an ensemble', 'server/peer'),
  {
    id: '09',
    slug: 'sessions',
    title: 'Creating a session, and its traps',
    swaps: ['session/handshake'],
    status: 'made',
    parts: [
      { id: 'A', title: 'Number the sessions', points: 25 },
      { id: 'B', title: 'Prove whose it is', points: 35 },
      { id: 'C', title: 'Judge a handshake', points: 40 },
    ],
    minutes: 75,
    needs: ['06'],
  },
  {
    id: '10',
    slug: 'client-core',
    title: "ClientCnxn: the client's core",
    swaps: ['client/session'],
    status: 'made',
    parts: [
      { id: 'A', title: 'Come in', points: 20 },
      { id: 'B', title: 'Ask, and know the answer', points: 25 },
      { id: 'C', title: 'Stay alive', points: 20 },
      { id: 'D', title: 'Lose a server', points: 20 },
      { id: 'E', title: 'Hand the watches over', points: 15 },
    ],
    minutes: 120,
    needs: ['02', '06'],
  },
  {
    id: '11',
    slug: 'session-expiry',
    title: 'Bucketed session expiry',
    swaps: ['session/expiry'],
    status: 'made',
    parts: [
      { id: 'A', title: 'Round up', points: 15 },
      { id: 'B', title: 'Move, and leave', points: 35 },
      { id: 'C', title: 'Expire', points: 35 },
      { id: 'D', title: 'Show who waits', points: 15 },
    ],
    minutes: 60,
    needs: ['07'],
  },
  {
    id: '12',
    slug: 'request-processing',
    title: 'How a request is processed',
    swaps: ['pipeline/prepare'],
    status: 'made',
    parts: [
      { id: 'A', title: 'Change what is there', points: 20 },
      { id: 'B', title: 'Create a node', points: 30 },
      { id: 'C', title: 'Delete a node', points: 15 },
      { id: 'D', title: 'All or nothing', points: 20 },
      { id: 'E', title: 'End a session', points: 15 },
    ],
    minutes: 150,
    needs: ['01'],
  },
  {
    id: '13',
    slug: 'living-with-failure',
    title: 'Curator: living with failure',
    swaps: ['client/retry', 'recipes/cache'],
    status: 'made',
    parts: [
      { id: 'A', title: 'Try again', points: 12 },
      { id: 'B', title: 'Tell what the connection is like', points: 18 },
      { id: 'C', title: 'Find it again', points: 12 },
      { id: 'D', title: 'Judge what has happened', points: 18 },
      { id: 'E', title: 'Begin, and begin again', points: 12 },
      { id: 'F', title: 'Hear, and take what was read', points: 15 },
      { id: 'G', title: 'Walk, and find what has gone', points: 13 },
    ],
    minutes: 210,
    needs: ['10'],
  },
  planned('14', 'election-guarantees', 'What elections must guarantee', 'election/vote', 'election/quorum'),
  planned('15', 'fast-leader-election', 'How the leader is really chosen', 'election/fast-leader-election'),
  planned('16', 'synchronization', 'Leader-follower synchronization', 'zab/sync'),
  planned('17', 'leader', 'The leader', 'zab/leader'),
  planned('18', 'follower', 'The follower', 'zab/follower'),
  planned('19', 'observer', 'The observer', 'zab/observer'),
  {
    id: '20',
    slug: 'files',
    title: 'The files a server leaves',
    swaps: ['storage/inspect'],
    status: 'made',
    parts: [
      { id: 'A', title: 'Walk through a log', points: 40 },
      { id: 'B', title: 'Say what is odd', points: 20 },
      { id: 'C', title: 'Trim a log', points: 20 },
      { id: 'D', title: 'Look into a snapshot', points: 20 },
    ],
    minutes: 90,
    needs: ['04'],
  },
  planned('21', 'distributed-locks', 'Distributed locks without a herd', 'recipes/lock'),
  planned('22', 'id-generator', 'Naming service: an ID generator', 'recipes/id-generator'),
  planned('23', 'load-balancer', 'A load balancer', 'recipes/load-balancer'),
  planned('24', 'kafka-and-dubbo', 'Kafka and Dubbo', 'recipes/broker-registry', 'recipes/service-registry'),
  planned('25', 'high-availability', 'A highly available deployment', 'zab/reconfig'),
  {
    id: '26',
    slug: 'monitoring',
    title: 'Four-letter words and monitoring',
    swaps: ['admin/four-letter'],
    status: 'made',
    parts: [
      { id: 'A', title: 'Who may ask, and how the server is', points: 30 },
      { id: 'B', title: 'Who is connected', points: 25 },
      { id: 'C', title: 'Who waits for what', points: 25 },
      { id: 'D', title: 'Figures for machines', points: 20 },
    ],
    minutes: 80,
    needs: ['02', '06'],
  },
  {
    id: '27',
    slug: 'purging',
    title: 'Purging logs and snapshots',
    swaps: ['storage/purge'],
    status: 'made',
    parts: [
      { id: 'A', title: 'See which snapshots stay', points: 35 },
      { id: 'B', title: 'See which logs they need', points: 25 },
      { id: 'C', title: 'Make a plan', points: 15 },
      { id: 'D', title: 'Carry it out', points: 25 },
    ],
    minutes: 60,
    needs: ['01'],
  },
  planned(
    '28',
    'commit-protocols',
    'Two- and three-phase commit',
    'protocols/two-phase-commit',
    'protocols/three-phase-commit',
  ),
  planned('29', 'zab', 'ZAB: crash recovery and broadcast', 'zab/discovery'),
  planned('30', 'paxos', 'ZAB, Paxos and Raft', 'protocols/paxos'),
  planned('31', 'commit-inside', 'Two-phase commit inside ZooKeeper', 'zab/proposals', 'pipeline/order'),
  {
    id: '32',
    slug: 'storage',
    title: 'The storage layer',
    swaps: ['storage/txn-log', 'storage/snapshot'],
    status: 'made',
    parts: [
      { id: 'A', title: 'Write a log', points: 20 },
      { id: 'B', title: 'Read a log', points: 25 },
      { id: 'C', title: 'Replay a log', points: 15 },
      { id: 'D', title: 'Write a snapshot', points: 20 },
      { id: 'E', title: 'Read a snapshot', points: 20 },
    ],
    minutes: 180,
    needs: ['01', '04'],
  },
  planned('33', 'road-ahead', 'The road ahead: your ensemble', 'sim/linearizability'),
]

/** `04` → `04-serialization`: the name of its folder under `labs/` and `solutions/`, and of its chapter. */
export function labFolder(lab: Lab): string {
  return `${lab.id}-${lab.slug}`
}

/** The lab that a person means by `4`, `04` or `04-serialization`; undefined when there is none. */
export function findLab(name: string): Lab | undefined {
  const id = /^\d{1,2}$/.test(name) ? name.padStart(2, '0') : name
  return labs.find(lab => lab.id === id || labFolder(lab) === name)
}
