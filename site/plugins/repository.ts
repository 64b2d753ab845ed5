/** Where the repository is. (Its own `course/paths.ts` needs more of ESM than the loader of this configuration has.) */
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..')
