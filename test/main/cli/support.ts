/** The command line as tests run it: in this process with its output kept, or as a program of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Io } from '../../../src/main/cli/io.ts'
import { runCli } from '../../../src/main/cli/program.ts'

const root = resolve(import.meta.dirname, '../../..')
const program = join(root, 'src/main/cli/main.ts')

export const fixture = (name: string): string => join(root, 'test/fixtures', name)

export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'countinghouse-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes a document into the folder and returns its path. */
export const writeDocument = (folder: string, name: string, document: unknown): string => {
  const path = join(folder, name)
  writeFileSync(path, typeof document === 'string' ? document : JSON.stringify(document))
  return path
}

export interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

export const ioOf = (folder: string, keep: { out: string; err: string }): Io => ({
  out: (text) => {
    keep.out += text
  },
  err: (text) => {
    keep.err += text
  },
  isWatched: false,
  environment: {},
  workingDirectory: folder,
  homeDirectory: folder,
  platform: 'linux',
})

/** Runs a command in this process. */
export const runHere = async (folder: string, ...args: string[]): Promise<Run> => {
  const keep = { out: '', err: '' }
  const code = await runCli(args, ioOf(folder, keep))
  return { code, ...keep }
}

const start = (args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess =>
  spawn(process.execPath, [program, ...args], {
    env: { ...process.env, COUNTINGHOUSE_BOOK: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** Runs a command as a program of its own. */
export const run = (...args: string[]): Promise<Run> =>
  new Promise((done, fail) => {
    const child = start(args)
    const kept = { out: '', err: '' }
    child.stdout?.on('data', (chunk) => {
      kept.out += chunk
    })
    child.stderr?.on('data', (chunk) => {
      kept.err += chunk
    })
    child.on('error', fail)
    child.on('close', (code) => done({ code: code ?? -1, ...kept }))
  })

/** The `--json` answer of a command, which must end with the code, and must be all there is on stdout. */
export const answer = async <T>(code: number, ...args: string[]): Promise<T> => {
  const ended = await run(...args, '--json')
  if (ended.code !== code)
    throw new Error(`${args.join(' ')} ended with ${ended.code}: ${ended.err}${ended.out}`)
  return JSON.parse(ended.out) as T
}

export interface Served {
  readonly url: string
  readonly firstLine: string
  /** Sends the signal and resolves with the exit code and all of stdout. */
  stop(signal: NodeJS.Signals): Promise<{ code: number | null; out: string; err: string }>
}

/** Starts a command that serves, and resolves once it has told its address. */
export const startServing = (args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Served> =>
  new Promise((done, fail) => {
    const child = start(args, environment)
    const kept = { out: '', err: '' }
    let hasTold = false
    const ended = new Promise<number | null>((end) => {
      child.on('close', end)
    })
    child.stderr?.on('data', (chunk) => {
      kept.err += chunk
    })
    child.stdout?.on('data', (chunk) => {
      kept.out += chunk
      const url = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/.exec(kept.out)?.[0]
      if (hasTold || url === undefined || !kept.out.endsWith('\n')) return
      hasTold = true
      done({
        url,
        firstLine: kept.out.split('\n')[0] ?? '',
        stop: async (signal) => {
          child.kill(signal)
          return { code: await ended, ...kept }
        },
      })
    })
    child.on('error', fail)
    child.on('close', (code) =>
      fail(new Error(`it ended with ${code} before it told its address: ${kept.err}`)),
    )
  })
