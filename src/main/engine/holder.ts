/** Who holds a book, for programs that must go through the holder instead of opening the book beside it. */
export { describeLock } from '../ledger/lock.ts'
export { LedgerRefusal } from '../ledger/refusal.ts'
