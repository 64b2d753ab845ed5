import { Complaint } from './complaint.ts'

export function progress(): number {
  throw new Complaint('This verb is not built yet.')
}
