/** Refusals of the contract, made in one place so that every one carries a sentence. */
import { ORPCError } from '@orpc/server'
import type { Issue } from '../../domain/issue.ts'

export const refused = (code: string, message: string, issues?: readonly Issue[]) =>
  new ORPCError('REFUSED', {
    status: 422,
    message,
    data: { code, ...(issues === undefined ? {} : { issues }) },
    defined: true,
  })

export const notFound = (what: string) =>
  new ORPCError('NOT_FOUND', { status: 404, message: what, defined: true })

export const changedMeanwhile = (what: string) =>
  new ORPCError('CHANGED_MEANWHILE', {
    status: 409,
    message: `${what} was changed meanwhile. Nothing was saved; look at the new version and try again.`,
    defined: true,
  })

export const readOnly = (message: string) =>
  new ORPCError('READ_ONLY', { status: 403, message, defined: true })

export const noBook = () =>
  new ORPCError('NO_BOOK', { status: 409, message: 'No book is open. Create one first.', defined: true })

export const sentenceOf = (error: unknown): string =>
  error instanceof Error && error.message !== ''
    ? error.message
    : 'It failed without saying why; the engine’s log may know more.'
