/** What the ledger declines to do, as a closed list. Everything else it throws is a bug or the machine failing. */
export type LedgerRefusalCode =
  | 'book_does_not_exist'
  | 'book_exists_already'
  | 'book_is_from_a_newer_program'
  | 'book_is_from_an_older_program'
  | 'book_is_not_a_ledger'
  | 'book_is_damaged'
  | 'book_is_held_by_another_process'
  | 'book_is_busy'
  | 'book_cannot_be_opened'
  | 'book_cannot_be_written'
  | 'book_is_open_for_reading_only'
  | 'backup_cannot_be_written'
  | 'backup_is_damaged'
  | 'disk_is_full'
  | 'document_was_changed_meanwhile'
  | 'source_exists_with_another_kind'
  | 'quantity_does_not_fit'
  | 'amount_does_not_fit'
  | 'entry_does_not_exist'
  | 'entry_is_reversed_already'
  | 'entry_cannot_be_reversed'
  | 'record_is_answered_already'

const WORTH_RETRYING: readonly LedgerRefusalCode[] = [
  'book_is_held_by_another_process',
  'book_is_busy',
  'disk_is_full',
]

/** A refusal: the book is as it was before, and the message says what to do next. */
export class LedgerRefusal extends Error {
  override readonly name = 'LedgerRefusal'
  readonly code: LedgerRefusalCode
  /** Whether the same call may succeed later without anything being changed by the caller. */
  readonly isWorthRetrying: boolean

  constructor(code: LedgerRefusalCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.isWorthRetrying = WORTH_RETRYING.includes(code)
  }
}

/** SQLite's code of what went wrong (SQLITE_FULL), or the system's (ENOSPC); empty where there is none. */
export const machineCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** The last is what SQLite says where there is no room for the index of its log. */
const FULL = ['SQLITE_FULL', 'ENOSPC', 'EDQUOT', 'SQLITE_IOERR_SHMSIZE']
export const isDiskFull = (error: unknown): boolean =>
  FULL.includes(machineCode(error)) || (error instanceof LedgerRefusal && error.code === 'disk_is_full')

/** The file or its folder may not be written: by its permissions, or because its disk can only be read. */
export const isNotWritable = (error: unknown): boolean => {
  const code = machineCode(error)
  return ['EACCES', 'EPERM', 'EROFS', 'SQLITE_CANTOPEN'].includes(code) || code.startsWith('SQLITE_READONLY')
}

/** The refusal of a book that cannot be opened any more, because what opening reads is damaged. */
export const damagedRefusal = (file: string, cause: unknown): LedgerRefusal =>
  new LedgerRefusal(
    'book_is_damaged',
    `${file} is damaged. Keep a copy of it, then restore the latest backup of the book ("restore" on the command line).`,
    { cause },
  )

/** The sentence for what the machine may do to a book; every other error is returned as it is. */
export const asRefusal = (error: unknown, file: string): unknown => {
  if (error instanceof LedgerRefusal) return error
  const code = machineCode(error)
  const refusal = (refusalCode: LedgerRefusalCode, sentence: string) =>
    new LedgerRefusal(refusalCode, sentence, { cause: error })
  if (code === 'SQLITE_NOTADB')
    return refusal('book_is_not_a_ledger', `${file} is not a ledger. Choose the folder of a book.`)
  // A damaged number of the schema's format has no code of its own.
  if (
    code.startsWith('SQLITE_CORRUPT') ||
    (code === 'SQLITE_ERROR' && /unsupported file format/.test(`${error}`))
  )
    return damagedRefusal(file, error)
  if (code.startsWith('SQLITE_BUSY'))
    return refusal(
      'book_is_busy',
      `${file} is being written by another process. Nothing was changed; try again.`,
    )
  if (isDiskFull(error))
    return refusal(
      'disk_is_full',
      `The disk of ${file} is full. Nothing of this batch was kept; free some space and repeat it.`,
    )
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_IOERR') || code === 'EROFS')
    return refusal(
      'book_cannot_be_written',
      `${file} cannot be written (${code}). Nothing of this batch was kept; check the disk and its permissions.`,
    )
  if (code.startsWith('SQLITE_CANTOPEN') || code === 'EACCES' || code === 'EPERM')
    return refusal(
      'book_cannot_be_opened',
      `${file} cannot be opened. Check that you may read and write its folder.`,
    )
  return error
}
