import { Complaint } from './complaint.ts'

export function watch(_lab?: string): number {
  throw new Complaint('This verb is not built yet.')
}
