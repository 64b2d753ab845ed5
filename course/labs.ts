/** From what a person types to a lab that can be worked on. */
import { Complaint } from './complaint.ts'
import { findLab, type Lab, labFolder, labs } from './manifest.ts'

export const madeLabs: readonly Lab[] = labs.filter(lab => lab.status === 'made')

/** The lab that `name` means, or a complaint that names what might have been meant. */
export function labNamed(name: string): Lab {
  const lab = findLab(name)
  if (lab?.status === 'made') return lab
  if (lab) {
    throw new Complaint(
      `Lab ${lab.id}, "${lab.title}", is planned but not made yet. These are: ${listed(madeLabs)}.`,
    )
  }
  const near = labs.filter(candidate => isNear(name, candidate))
  const suggestion = near.length > 0 ? `Did you mean ${listed(near)}?` : `The labs are ${listed(madeLabs)}.`
  throw new Complaint(`There is no lab '${name}'. ${suggestion}`)
}

function isNear(name: string, lab: Lab): boolean {
  const number = name.match(/\d+/)?.[0]
  if (number !== undefined) return Number(number) === Number(lab.id)
  return name.length > 2 && labFolder(lab).includes(name.toLowerCase())
}

function listed(some: readonly Lab[]): string {
  return some.map(lab => `${lab.id} (${lab.slug})`).join(', ')
}
