import { Complaint } from './complaint.ts'

export function start(): number {
  throw new Complaint('This verb is not built yet.')
}
