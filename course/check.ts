import { Complaint } from './complaint.ts'

export function check(_labs: readonly string[]): number {
  throw new Complaint('This verb is not built yet.')
}
