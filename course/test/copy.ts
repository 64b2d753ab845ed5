/** A copy of the course in a temporary folder, with the real course tool in it: a test may break it as it likes. */
import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { root } from '../paths.ts'

export interface Copy {
  folder: string
  read(file: string): string
  write(file: string, text: string): void
  delete(file: string): void
  /** Runs the course tool as `npm` would. */
  run(...argv: string[]): Promise<Outcome>
  /** The same, for what goes on until it is ended. */
  start(...argv: string[]): Program
  /** Starts another program of the copy. */
  launch(program: string, ...argv: string[]): Program
  remove(): void
}

export interface Outcome {
  code: number | null
  /** What it said, on both streams, without colours. */
  output: string
}

export interface Program {
  /** What it said since the last time, as soon as that has this text in it. */
  says(text: string): Promise<string>
  /** All that it ever said. */
  said(): string
  press(key: string): void
  exit: Promise<number | null>
  /** Ends it as Ctrl-C does. */
  end(): Promise<unknown>
}

/** These files and folders of the repository, and the packages. */
export function copyOf(...parts: readonly string[]): Copy {
  const folder = mkdtempSync(path.join(tmpdir(), 'course-'))
  const at = (file: string) => path.join(folder, file)
  for (const part of parts) cpSync(path.join(root, part), at(part), { recursive: true })
  linkPackages(at('node_modules'))
  const launch = (program: string, ...argv: string[]) => startIn(folder, program, argv)
  return {
    folder,
    read: file => readFileSync(at(file), 'utf8'),
    write: (file, text) => {
      mkdirSync(path.dirname(at(file)), { recursive: true })
      writeFileSync(at(file), text)
    },
    delete: file => rmSync(at(file), { recursive: true, force: true }),
    run: (...argv) => runIn(folder, argv),
    start: (...argv) => launch('course/cli.mjs', ...argv),
    launch,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** All that a student or a teacher works with. */
export function wholeCourse(): Copy {
  return copyOf('course', 'labs', 'reference-impl', 'solutions', 'package.json', 'tsconfig.json')
}

/** A folder of its own with links inside: the tool keeps its cache beside the packages. */
export function linkPackages(folder: string): void {
  mkdirSync(folder)
  for (const name of readdirSync(path.join(root, 'node_modules'))) {
    if (name === '.cache' || name === '.vite') continue
    symlinkSync(path.join(root, 'node_modules', name), path.join(folder, name), 'junction')
  }
}

/** Runs the course tool that lives in `folder`, as `npm` would. */
export async function runIn(folder: string, argv: readonly string[]): Promise<Outcome> {
  const program = startIn(folder, 'course/cli.mjs', argv)
  return { code: await program.exit, output: program.said() }
}

function startIn(folder: string, file: string, argv: readonly string[]): Program {
  const child = spawn(process.execPath, [file, ...argv], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, VITEST: undefined },
  })
  const output = new EventEmitter()
  let said = ''
  let heard = 0
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      said += text
      output.emit('more')
    })
  }
  const exit = new Promise<number | null>(resolve => child.on('close', resolve))
  void exit.then(() => output.emit('more'))
  return {
    async says(text) {
      while (!said.includes(text, heard)) {
        if (child.exitCode !== null) {
          throw new Error(`it ended and never said '${text}', but:\n${said.slice(heard)}`)
        }
        await once(output, 'more')
      }
      const news = said.slice(heard)
      heard = said.length
      return news
    },
    said: () => said,
    press: key => child.stdin.write(key),
    exit,
    end: () => {
      child.kill('SIGINT')
      return exit
    },
  }
}
