/** The entry of the writer's thread: the only writing connection to the ledger. */
import { closeLedger, openLedgerForReading, openLedgerForWriting } from '../ledger/open.ts'
import { findBatchOfFile } from '../ledger/read.ts'
import { liveEntriesOfBill } from '../ledger/read-sources.ts'
import { serveThread, threadStart } from '../thread/serve-thread.ts'
import { writerRouter } from './writer-router.ts'

export interface WriterThreadData {
  readonly directory: string
  readonly program: string
}

const { port, data } = threadStart<WriterThreadData>()
const ledger = openLedgerForWriting(data.directory, { program: data.program, create: true })
const reading = openLedgerForReading(data.directory)
const router = writerRouter(ledger, reading, {
  entriesOfBill: (bill) => liveEntriesOfBill(reading, bill),
  importedBefore: (sha256) => findBatchOfFile(reading, sha256),
})
serveThread(router, port, {
  context: {},
  onClose: async () => {
    await ledger.tail
    closeLedger(reading)
    closeLedger(ledger)
  },
})
