/** A class in pieces: each machine grades its shard, and somebody puts the results together. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Complaint } from '../complaint.ts'
import { hashOf } from './bundles.ts'
import type { Grading } from './model.ts'
import type { Submission } from './submissions.ts'
import { fromJson } from './writers/plain.ts'

/** `2/8`: the second of eight shards. Which one a submission is in depends on its name alone. */
export function shardOf(submissions: readonly Submission[], text: string): Submission[] {
  const [, number, count] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? []
  if (number === undefined || count === undefined || number < 1 || number > count) {
    throw new Complaint(`--shard wants something like 2/8, not '${text}'.`)
  }
  return submissions.filter(
    ({ name }) => Number.parseInt(hashOf(name).slice(0, 8), 16) % count === number - 1,
  )
}

/** The gradings in these folders (or files) as one. What policies they had does not matter when a new one follows. */
export function merged(places: readonly string[], newPolicy = false): Grading {
  const gradings = places.map(read)
  const [first] = gradings
  if (!first)
    throw new Complaint(
      '--merge wants the folders of gradings: npm run grade -- --merge grades-*/ --out all/',
    )
  const seen = new Map<string, string>()
  for (const [index, grading] of gradings.entries()) {
    if (!newPolicy && grading.policy?.hash !== first.policy?.hash) {
      throw new Complaint(
        `${places[index]} was graded with another policy than ${places[0]}: name the one for all with --policy.`,
      )
    }
    if (labsOf(grading) !== labsOf(first)) {
      throw new Complaint(
        `${places[index]} graded other labs than ${places[0]}: they cannot be put together.`,
      )
    }
    for (const { submission } of grading.submissions) {
      const before = seen.get(submission)
      if (before !== undefined)
        throw new Complaint(`'${submission}' is both in ${before} and in ${places[index]}.`)
      seen.set(submission, places[index]!)
    }
  }
  const submissions = gradings.flatMap(grading => grading.submissions)
  return { ...first, submissions: submissions.sort((a, b) => (a.submission < b.submission ? -1 : 1)) }
}

const labsOf = ({ labs }: Grading): string => JSON.stringify(labs.map(({ lab, title }) => [lab, title]))

function read(place: string): Grading {
  const file = place.endsWith('.json') ? place : path.join(place, 'grades.json')
  if (!existsSync(file)) throw new Complaint(`There is no grading in ${place}: ${file} is missing.`)
  return fromJson(readFileSync(file))
}
