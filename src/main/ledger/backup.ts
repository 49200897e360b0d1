/** A copy of a book, made while it is in use. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { closeLedger, LEDGER_FILE, openLedgerForReading } from './open.ts'
import { asRefusal, LedgerRefusal } from './refusal.ts'

/**
 * Copies the ledger of the book into the folder `target`, which becomes a book of its own; what is derived is
 * built again when it is opened. Batches committed while it runs may or may not be in the copy, never half.
 * @throws LedgerRefusal where `target` holds a book already, or the book cannot be read.
 */
export const backupBook = async (directory: string, target: string): Promise<void> => {
  const file = join(target, LEDGER_FILE)
  if (existsSync(file))
    throw new LedgerRefusal(
      'book_exists_already',
      `There is a book in ${target} already. Choose an empty folder.`,
    )
  const ledger = openLedgerForReading(directory)
  // Only a whole copy gets a ledger's name.
  const unfinished = `${file}.unfinished`
  try {
    mkdirSync(target, { recursive: true })
    rmSync(unfinished, { force: true })
    await ledger.database.backup(unfinished)
    renameSync(unfinished, file)
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw asRefusal(error, file)
  } finally {
    closeLedger(ledger)
  }
}
