/** The one contract: what the engine answers, over a MessagePort and over loopback HTTP alike. */
import { allocation } from './allocation.ts'
import { book, jobs } from './book.ts'
import { connections } from './connections.ts'
import { cost } from './cost.ts'
import { customers, rateCards } from './customers.ts'
import { deals } from './deals.ts'
import { explain } from './explain.ts'
import { ingestTokens } from './ingest.ts'
import { invoices } from './invoices.ts'
import { ledger } from './ledger.ts'
import { excel, exports_, reconcile } from './month.ts'
import { rates } from './rates.ts'
import { rules } from './rules.ts'
import { files, imports, metrics, sources } from './sources.ts'
import { usage } from './usage.ts'

export const contract = {
  book,
  jobs,
  files,
  imports,
  sources,
  connections,
  ingestTokens,
  metrics,
  usage,
  cost,
  rules,
  allocation,
  customers,
  rateCards,
  rates,
  deals,
  invoices,
  explain,
  reconcile,
  ledger,
  exports: exports_,
  excel,
}
export type Contract = typeof contract
