/** A book open for reading only: why, and which calls of the contract are answered then. */

export interface ReadOnly {
  /** As a part of a sentence: "it was opened with --read-only". */
  readonly why: string
  /** What to do in order to write, as a sentence. */
  readonly next: string
}

export const ASKED: ReadOnly = {
  why: 'it was opened with --read-only',
  next: 'Open it without that to write in it.',
}

export const notWritable = (why: string): ReadOnly => ({
  why,
  next: 'Get the right to write there, or copy the folder to a place of your own and open it there.',
})

export const diskFull = (directory: string): ReadOnly => ({
  why: `the disk of ${directory} is full`,
  next: 'Free some space and open it again.',
})

export const bannerOf = ({ why, next }: ReadOnly): string =>
  `${why.charAt(0).toUpperCase()}${why.slice(1)}. ${next}`

export const refusalOf = (directory: string, { why, next }: ReadOnly): string =>
  `The book in ${directory} is open for reading only, because ${why}. Nothing was changed. ${next}`

/** Calls that write nothing into the book. What is not listed here is refused: a new call is safe until it is. */
const READING_CALLS: ReadonlySet<string> = new Set([
  'book.status',
  'book.backups',
  // Into a folder that the command line names; without one it is refused where it is made.
  'book.backup',
  'book.restore',
  'jobs.list',
  'jobs.get',
  'jobs.watch',
  'jobs.cancel',
  'files.openPath',
  'files.discard',
  'imports.preview',
  'imports.mappings',
  'sources.list',
  'sources.arrivals',
  'connections.kinds',
  'connections.permissions',
  'connections.check',
  'connections.preview',
  'connections.list',
  'ingestTokens.list',
  'metrics.list',
  'usage.query',
  'usage.dimensions',
  'usage.views',
  'cost.query',
  'cost.fields',
  'cost.unattributed',
  'cost.margin',
  'cost.waterfall',
  'cost.overview',
  'rules.get',
  'rules.preview',
  'rules.try',
  'rules.propose',
  'allocation.get',
  'allocation.preview',
  'allocation.report',
  'allocation.costToServe',
  'customers.list',
  'customers.contractHistory',
  'customers.get',
  'customers.contractHistory',
  'customers.tenants',
  'rateCards.list',
  'rateCards.get',
  'rateCards.simulate',
  'rateCards.startSimulation',
  'rates.list',
  'rates.on',
  'deals.list',
  'deals.get',
  'deals.baseline',
  'deals.model',
  'invoices.list',
  'invoices.get',
  'invoices.preview',
  'invoices.forecast',
  'invoices.deliveryPreview',
  'invoices.recompute',
  'explain.line',
  'explain.usage',
  'explain.cost',
  'explain.usageRecords',
  'explain.costRecords',
  'explain.record',
  'explain.revenue',
  'explain.uses',
  'explain.byId',
  'reconcile.month',
  'ledger.asOf',
  'ledger.search',
  'ledger.history',
  'ledger.batches',
  'ledger.quarantine',
  'ledger.conflicts',
  'ledger.verify',
  'exports.table',
  'exports.month',
  'excel.template',
  'excel.preview',
])

export const isReadingCall = (path: readonly string[]): boolean => READING_CALLS.has(path.join('.'))
