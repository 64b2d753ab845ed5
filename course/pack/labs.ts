/** The labs and chapters of a handout. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { labFolder } from '../manifest.ts'
import { chapterFile, labRoot, shown } from '../paths.ts'
import { stubOf } from '../stubs.ts'
import { chapterText } from './chapter.ts'
import { type HandoutFile, handedOut, handoutFile, handoutFolder } from './handout.ts'

export function labFiles(): HandoutFile[] {
  return handedOut.flatMap(lab => {
    const folder = `labs/${labFolder(lab)}`
    const stubs = lab.swaps.flatMap(swap => {
      const contents = stubOf(lab, swap)
      // Twice: to be worked on, and to be put back by `npm run reset`.
      return [
        { file: `${folder}/src/${swap}.ts`, contents },
        { file: `course/stubs/${labFolder(lab)}/${swap}.ts`, contents },
      ]
    })
    const rest = ['README.md', 'hints.md', 'tsconfig.json']
      .filter(name => existsSync(path.join(labRoot(lab), name)))
      .flatMap(name => handoutFile(`${folder}/${name}`))
    const chapter = chapterFile(lab)
    return [
      ...stubs,
      ...rest,
      ...handoutFolder(`${folder}/test`),
      ...(existsSync(chapter) ? [{ file: shown(chapter), contents: chapterText(chapter) }] : []),
    ]
  })
}
