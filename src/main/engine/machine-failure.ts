/** What the machine did to a book (a full disk, a damaged page), found in an error of whichever thread, as a sentence. */
import { join } from 'node:path'
import { ORPCError } from '@orpc/server'
import { LEDGER_FILE } from '../ledger/open.ts'
import {
  damagedRefusal,
  isDiskFull,
  LedgerRefusal,
  type LedgerRefusalCode,
  machineCode,
} from '../ledger/refusal.ts'
import { refused, sentenceOf } from './refusals.ts'

/** The code an error came with: SQLite's or the system's, also where it has crossed a thread. */
const codeOf = (error: unknown): string => {
  if (!(error instanceof ORPCError)) return machineCode(error)
  const { data } = error as { data: unknown }
  return typeof data === 'object' && data !== null && 'code' in data && typeof data.code === 'string'
    ? data.code
    : ''
}

const isFull = (error: unknown): boolean =>
  isDiskFull(error) ||
  ['SQLITE_FULL', 'ENOSPC', 'EDQUOT'].includes(codeOf(error)) ||
  /No space left on device|disk is full|database or disk is full/i.test(sentenceOf(error))

const isDamaged = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_CORRUPT')

const WHOLE =
  'The rest of the book can still be read. Run "verify" to see which entry is the first that does not fit, keep a copy of the whole folder, and restore the latest backup that verifies.'

/** What keeps a book from being opened, from whichever thread, as the ledger's refusal; every other error as it is. */
export const asLedgerRefusal = (error: unknown, directory: string): unknown => {
  if (error instanceof LedgerRefusal) return error
  if (error instanceof ORPCError && error.code === 'REFUSED')
    return new LedgerRefusal(codeOf(error) as LedgerRefusalCode, error.message, { cause: error })
  if (isDamaged(error)) return damagedRefusal(join(directory, LEDGER_FILE), error)
  if (isFull(error))
    return new LedgerRefusal(
      'disk_is_full',
      `The disk of ${directory} is full. The book is as it was; free some space and open it again.`,
      { cause: error },
    )
  return error
}

/** An error as the contract tells it: refusals, and what the machine did, with their sentences. */
export const asContractError = (error: unknown, directory: string): unknown => {
  if (error instanceof LedgerRefusal) return refused(error.code, error.message)
  if (error instanceof ORPCError && error.code !== 'INTERNAL_SERVER_ERROR') return error
  if (isDamaged(error))
    return refused(
      'book_is_damaged',
      `What was asked for lies on a damaged page of ${LEDGER_FILE} in ${directory}. ${WHOLE}`,
    )
  if (isFull(error))
    return refused(
      'disk_is_full',
      `The disk of ${directory} is full. The book is as it was; free some space and try again.`,
    )
  return error
}

/** Why the cube could not follow, where it is the machine's doing; null where it is a bug. */
export const troubleOfCube = (error: unknown, directory: string): string | null => {
  if (isDamaged(error))
    return `The figures do not follow the ledger any more, because a page of ${LEDGER_FILE} in ${directory} is damaged. ${WHOLE}`
  if (isFull(error))
    return `The figures do not follow the ledger, because the disk of ${directory} is full. What was saved is in the ledger and safe; free some space, and they follow with the next change or when the book is opened again.`
  return null
}
