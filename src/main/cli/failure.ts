/** What went wrong, as a sentence for people and as a document for scripts. */
import { ORPCError } from '@orpc/client'
import type { Issue } from '../../domain/issue.ts'
import { LedgerRefusal } from '../engine/holder.ts'
import { plain } from './text.ts'

/** Done; refused or found wrong; wrong use. */
export const EXIT = { done: 0, refused: 1, wrongUse: 2 } as const

/** The command was understood and is declined. `done` is what was finished before, for the answer in JSON. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: string
  readonly issues: readonly Issue[]
  readonly done: Readonly<Record<string, unknown>>

  constructor(
    code: string,
    message: string,
    issues: readonly Issue[] = [],
    done: Readonly<Record<string, unknown>> = {},
  ) {
    super(message)
    this.code = code
    this.issues = issues
    this.done = done
  }
}

/** The command was written wrongly; what commander itself does not catch. */
export class WrongUse extends Error {
  override readonly name = 'WrongUse'
}

export interface Failure {
  readonly code: string
  readonly message: string
  readonly issues: readonly Issue[]
}

interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[]
}

/** A path into a document as people write it: `charges[2].unitAmount`. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${String(part)}`))
    .join('')

const issueOf = ({ message, path }: SchemaIssue): Issue => {
  const column = pathText((path ?? []).map((part) => (typeof part === 'object' ? part.key : part)))
  return {
    severity: 'error',
    code: 'input_is_wrong',
    message: column === '' ? message : `${column}: ${message}`,
    ...(column === '' ? {} : { column }),
  }
}

const ofCall = (error: ORPCError<string, unknown>): Failure => {
  const data = (typeof error.data === 'object' && error.data !== null ? error.data : {}) as {
    readonly code?: string
    readonly issues?: readonly (Issue & SchemaIssue)[]
  }
  if (error.code === 'BAD_REQUEST' && data.issues !== undefined) {
    const issues = data.issues.map(issueOf)
    return { code: 'input_is_wrong', message: `That was not understood. ${sentences(issues)}`, issues }
  }
  return {
    code: data.code ?? error.code.toLowerCase(),
    message: error.message,
    issues: data.issues ?? [],
  }
}

const sentences = (issues: readonly Issue[]): string =>
  issues.map(({ message }) => (/[.!?]$/.test(message) ? message : `${message}.`)).join(' ')

/** Reads any error; an error without a sentence of its own is a bug and says so. */
export const failureOf = (error: unknown): Failure => {
  if (error instanceof ORPCError) return ofCall(error as ORPCError<string, unknown>)
  if (error instanceof Refusal || error instanceof LedgerRefusal)
    return { code: error.code, message: error.message, issues: error instanceof Refusal ? error.issues : [] }
  if (error instanceof WrongUse) return { code: 'wrong_use', message: error.message, issues: [] }
  const message = error instanceof Error && error.message !== '' ? error.message : String(error)
  return { code: 'failed', message, issues: [] }
}

/** The failure for stderr: its sentence, then its issues one a line, unless the sentence says them already. */
export const failureText = ({ message, issues }: Failure): string =>
  [message, ...issues.filter((issue) => !message.includes(issue.message)).map(issueText)]
    .map((line) => `${plain(line)}\n`)
    .join('')

/** `row 3, column "Amount": … ` */
export const issueText = ({ severity, message, row, column }: Issue): string => {
  const place = [row === undefined ? [] : [`row ${row}`], column === undefined ? [] : [column]].flat()
  const named = place.length === 0 || place.every((part) => message.includes(part))
  return `  ${severity}: ${named ? '' : `${place.join(', ')}: `}${message}`
}
