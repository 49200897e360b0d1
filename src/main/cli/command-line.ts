/** What every command shares: the book it is about, and how its answer is given. */
import { type Command, InvalidArgumentError } from 'commander'
import type { z } from 'zod'
import type { Known } from '../../contract/common.ts'
import { bookFolder } from './book-folder.ts'
import type { Client } from './connect.ts'
import { EXIT, WrongUse } from './failure.ts'
import type { Io } from './io.ts'
import { blocks, instant } from './text.ts'

export interface Answer {
  /** The one document of `--json`. */
  readonly data: unknown
  /** The same for people. */
  readonly text: string
  /** False where the command did its work and found something wrong: exit code 1. */
  readonly good?: boolean
}

export interface GlobalOptions {
  readonly book?: string
  readonly json?: true
  readonly readOnly?: true
}

/** One run of the program. */
export interface CommandLine {
  readonly io: Io
  exitCode: number
}

export interface BookContext {
  readonly io: Io
  readonly client: Client
  readonly directory: string
}

export const isJson = (command: Command): boolean => command.optsWithGlobals<GlobalOptions>().json === true

export const jsonText = (data: unknown): string => `${JSON.stringify(data, null, 2)}\n`

export const finish = (line: CommandLine, command: Command, answer: Answer): void => {
  if (isJson(command)) line.io.out(jsonText(answer.data))
  else if (answer.text !== '') line.io.out(`${answer.text}\n`)
  if (answer.good === false) line.exitCode = EXIT.refused
}

/** Gives the command its action: connects to the book, does the work, answers, and lets go of the book. */
export const onBook = <Options extends object>(
  line: CommandLine,
  command: Command,
  work: (context: BookContext, options: Options, words: readonly string[]) => Promise<Answer>,
  { mayBeMade = false }: { readonly mayBeMade?: boolean } = {},
): void => {
  command.action(async () => {
    const { io } = line
    // Loaded here, because the agent shares this file and opens no book.
    const { connect } = await import('./connect.ts')
    const directory = bookFolder(command.optsWithGlobals<GlobalOptions>().book, io)
    const readOnly = command.optsWithGlobals<GlobalOptions>().readOnly === true
    const connection = await connect(directory, { environment: io.environment, mayBeMade, readOnly })
    let answer: Answer
    try {
      answer = await work({ io, client: connection.client, directory }, command.opts<Options>(), command.args)
    } finally {
      await connection.close()
    }
    finish(line, command, answer)
  })
}

/** What a report is asked with; empty without `--as-of`. */
export interface ReportContext extends BookContext {
  readonly asOf: { readonly asOf?: string }
}

const knownText = ({ batchId, recordedMs, hash }: Known): string =>
  `As of ${instant(recordedMs)} (batch ${batchId}, chain head ${hash.slice(0, 12)}): what came later is not counted.`

/** As {@link onBook}, for a report: it can be asked as of a past moment, and then says of which batch it is. */
export const onReport = <Options extends object>(
  line: CommandLine,
  command: Command,
  work: (context: ReportContext, options: Options, words: readonly string[]) => Promise<Answer>,
): void => {
  command.option('--as-of <when>', 'as it was known then: a batch (812), a day (2026-11-02) or a time')
  onBook<Options & { readonly asOf?: string }>(line, command, async (context, options, words) => {
    const { asOf } = options
    if (asOf === undefined) return work({ ...context, asOf: {} }, options, words)
    const known = await context.client.ledger.asOf({ asOf })
    const answer = await work({ ...context, asOf: { asOf } }, options, words)
    return { ...answer, text: blocks(knownText(known), answer.text) }
  })
}

/** Reads an option by a schema of the contract; commander names the option in the error. */
export const reading =
  <T>(schema: z.ZodType<T>) =>
  (text: string): T => {
    const read = schema.safeParse(text)
    if (read.success) return read.data
    const message = read.error.issues[0]?.message ?? 'another value'
    // The contract's own messages name what they want: "a month, like 2026-10".
    throw new InvalidArgumentError(/^an? /.test(message) ? `Expected ${message}.` : `${message}.`)
  }

/** A whole number, as sequence numbers and ports are. @throws WrongUse */
export const wholeNumber = (text: string, what: string, from = 1, to = Number.MAX_SAFE_INTEGER): number => {
  const value = Number(text)
  if (!/^\d{1,15}$/.test(text) || value < from || value > to) {
    const range = to === Number.MAX_SAFE_INTEGER ? `from ${from} on` : `from ${from} to ${to}`
    throw new WrongUse(`${what} is a whole number ${range}, not "${text}".`)
  }
  return value
}

/** As {@link wholeNumber}, for an option; commander names the option in the error. */
export const readingWholeNumber =
  (what: string, from?: number, to?: number) =>
  (text: string): number => {
    try {
      return wholeNumber(text, what, from, to)
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message)
    }
  }
