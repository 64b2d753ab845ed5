import { edit, mutant } from '../../course/mutants.ts'

export default [
  // A
  mutant(
    'rounds down',
    'reads "bucket of the deadline" as floor',
    edit(
      'deadline',
      '(Math.floor((now + timeout) / queue.tick) + 1)',
      'Math.floor((now + timeout) / queue.tick)',
    ),
  ),
  mutant(
    'rounds up only what is between',
    'thinks that a timeout that ends on a boundary may end there',
    edit(
      'deadline',
      '(Math.floor((now + timeout) / queue.tick) + 1)',
      'Math.ceil((now + timeout) / queue.tick)',
    ),
  ),
  mutant(
    'rounds the timeout instead of the deadline',
    'thinks that ticks are counted from the ping',
    edit(
      'deadline',
      '(Math.floor((now + timeout) / queue.tick) + 1) * queue.tick',
      'now + (Math.floor(timeout / queue.tick) + 1) * queue.tick',
    ),
  ),
  mutant(
    'adds a tick to be on the safe side',
    'thinks that longer is always safer',
    edit('deadline', '/ queue.tick) + 1)', '/ queue.tick) + 2)'),
  ),
  mutant(
    'counts in 32 bits',
    'rounds with a bit operation',
    edit('deadline', 'Math.floor((now + timeout) / queue.tick)', '(((now + timeout) / queue.tick) | 0)'),
  ),
  // B
  mutant(
    'forgets the old bucket',
    'thinks that a Map.set moves an entry',
    edit('touch', '  if (was !== undefined) leave(queue, session, was)\n', ''),
  ),
  mutant(
    'only ever moves later',
    'thinks that a sign of life cannot shorten a life',
    edit('touch', 'if (was === due) return', 'if (was !== undefined && was >= due) return'),
  ),
  mutant(
    'goes to the end of its own bucket',
    'takes out and puts in without a look at where',
    edit('touch', '  if (was === due) return\n', ''),
  ),
  mutant(
    'leaves empty buckets standing',
    'thinks that an empty bucket costs nothing',
    edit('leave', 'if (bucket?.size === 0) queue.buckets.delete(due)', ''),
  ),
  mutant(
    'overlooks whoever comes with an earlier deadline',
    'thinks that deadlines come in order',
    edit('touch', 'if (queue.buckets.size === 1 || due < queue.next)', 'if (queue.buckets.size === 1)'),
  ),
  mutant(
    'removes from the map and not from the bucket',
    'thinks that who is not in the index is not there',
    edit('remove', '  leave(queue, session, was)\n', ''),
  ),
  mutant(
    'removes from the bucket and not from the map',
    'thinks that the bucket is the truth',
    edit('remove', '  queue.deadlines.delete(session)\n', ''),
  ),
  // C
  mutant(
    'looks at one bucket a tick',
    'thinks that ticks are never late',
    edit(
      'expire',
      'while (queue.buckets.size > 0 && queue.next <= now)',
      'if (queue.buckets.size > 0 && queue.next <= now)',
    ),
  ),
  mutant(
    'stops at the first empty bucket',
    'thinks that buckets stand without gaps',
    edit(
      'expire',
      '    queue.next += queue.tick\n',
      '    else if (queue.next + queue.tick > now) break\n    else return expired\n    queue.next += queue.tick\n',
    ),
  ),
  mutant(
    'waits for the tick after the boundary',
    'reads "until" as "through"',
    edit('expire', 'queue.next <= now', 'queue.next < now'),
  ),
  mutant(
    'leaves the dead in their bucket',
    'thinks that nobody looks at a bucket that is past',
    edit('expire', '      queue.buckets.delete(queue.next)\n', ''),
  ),
  mutant(
    'looks at each session',
    'thinks that a hundred thousand comparisons are nothing',
    edit(
      'expire',
      'const expired: SessionId[] = []',
      'const expired: SessionId[] = []\n  for (const due of queue.deadlines.values()) if (due <= now) queue.next = Math.min(queue.next, due)',
    ),
  ),
  mutant(
    'hunts for the session in every bucket',
    'does not keep where a session is',
    edit(
      'touch',
      'const was = queue.deadlines.get(session)',
      'const was = [...queue.deadlines].find(([each]) => each === session)?.[1]',
    ),
  ),
  // D
  mutant(
    'lists the buckets as they were made',
    'thinks that a Map is sorted',
    edit('waiting', '.sort(([one], [other]) => one - other)', ''),
  ),
  mutant(
    'sorts times as text',
    'trusts sort',
    edit('waiting', '.sort(([one], [other]) => one - other)', '.sort()'),
  ),
]
