/** The entry of the writer's thread: the only writing connection to the ledger. */
import { closeLedger, openLedgerForReading, openLedgerForWriting } from '../ledger/open.ts'
import { findBatchOfFile } from '../ledger/read.ts'
import { liveEntriesOfBill } from '../ledger/read-sources.ts'
import { serveThread, threadStart } from '../thread/serve-thread.ts'
import { refusingRouter, writerRouter } from './writer-router.ts'

export interface WriterThreadData {
  /** The folder whose ledger is opened. */
  readonly directory: string
  readonly program: string
  /** Opens no writing connection; what would append is refused. */
  readonly readOnly: boolean
}

const { port, data } = threadStart<WriterThreadData>()

const open = () => {
  const ledger = data.readOnly
    ? null
    : openLedgerForWriting(data.directory, { program: data.program, create: true })
  const reading = openLedgerForReading(data.directory)
  const router = writerRouter(ledger, reading, {
    entriesOfBill: (bill) => liveEntriesOfBill(reading, bill),
    importedBefore: (sha256) => findBatchOfFile(reading, sha256),
  })
  serveThread(router, port, {
    context: {},
    onClose: async () => {
      await ledger?.tail
      closeLedger(reading)
      if (ledger !== null) closeLedger(ledger)
    },
  })
}

try {
  open()
} catch (error) {
  // The thread lives on to say why: one that dies at once would tell the sentence as a fault of the program.
  serveThread(refusingRouter(error), port, { context: {} })
}
