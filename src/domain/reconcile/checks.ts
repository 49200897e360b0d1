/** The checks before a month is locked: facts in, a checklist in sentences out. */
import { Decimal, type DecimalText, decimalsOf, less, sumDecimals, toDecimalText, ZERO } from '../decimal.ts'
import { minorUnits } from '../money.ts'
import { type Month, monthName } from '../period.ts'
import { groupDigits } from '../pricing/format.ts'

export const CHECKS = [
  'sources_complete',
  'cost_equals_bill',
  'usage_agrees',
  'unattributed_under_threshold',
  'quarantine_answered',
  'invoices_approved_and_delivered',
  'payments_matched',
] as const
export type CheckId = (typeof CHECKS)[number]

/** One provider's bill to one billing account. All amounts in the currency. */
export interface BillFacts {
  readonly provider: string
  readonly billingAccount: string
  readonly month: Month
  readonly currency: string
  /** Billed cost in the ledger, exact. */
  readonly ledgerBilled: DecimalText
  readonly attributed: DecimalText
  readonly unattributed: DecimalText
  /** The bill's total as typed by a person; null where nobody did. */
  readonly billTotal: DecimalText | null
  /** The sum of the file the cost came from, exact; null where there is none. */
  readonly fileTotal: DecimalText | null
}

/** A metric that more than one source measured for the same tenants, so that their sums must be equal. */
export interface UsageComparison {
  readonly metric: string
  readonly quantities: readonly { readonly source: string; readonly quantity: DecimalText }[]
}

export interface CloseFacts {
  readonly month: Month
  readonly sources: readonly { readonly name: string; readonly missingDays: readonly string[] }[]
  readonly bills: readonly BillFacts[]
  readonly usageComparisons: readonly UsageComparison[]
  /** Unattributed as a share of billed cost; null where the month has no cost. */
  readonly unattributedPercent: DecimalText | null
  readonly unattributedThresholdPercent: DecimalText
  /** Open entries of the quarantine. */
  readonly quarantineOpen: number
  /** Entries of this month whose id came again with other content; the first of them is counted. */
  readonly conflicts: number
  /** Customers with a price in effect in the month, who therefore get an invoice. */
  readonly billableCustomers: number
  /** The month's invoices by state; void ones are not counted. */
  readonly invoices: { readonly draft: number; readonly approved: number; readonly delivered: number }
  /** Batches with records of this month that came after its invoices were computed. */
  readonly lateBatches: number
}

export interface CloseCheck {
  readonly id: CheckId
  readonly title: string
  readonly state: 'passed' | 'open' | 'not_applicable'
  /** What was found, and what to do where it is open. */
  readonly sentence: string
  /** Whether the month cannot be locked, except deliberately, while the check is open. */
  readonly blocking: boolean
}

type Finding = Pick<CloseCheck, 'state' | 'sentence'>

const passed = (sentence: string): Finding => ({ state: 'passed', sentence })
const open = (sentence: string): Finding => ({ state: 'open', sentence })
const notApplicable = (sentence: string): Finding => ({ state: 'not_applicable', sentence })

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`
const signed = (amount: DecimalText): string => (amount.startsWith('-') ? '' : '+') + groupDigits(amount)
const sourcesComplete = ({ sources, month }: CloseFacts): Finding => {
  if (sources.length === 0)
    return open(`No source delivered anything for ${monthName(month)}. Drop a file into Sources.`)
  const lacking = sources.filter((source) => source.missingDays.length > 0)
  if (lacking.length === 0) return passed(`${count(sources.length, 'source')}, no day missing.`)
  const words = lacking.map(({ name, missingDays }) => {
    const shown = missingDays.slice(0, 3).join(', ')
    const more = missingDays.length > 3 ? ` and ${missingDays.length - 3} more` : ''
    return `${name} has nothing for ${shown}${more}`
  })
  return open(`${words.join('; ')}. Import those days, or lock the month with the reason why there are none.`)
}

/**
 * The ledger's cost as finely as a typed total prints: rounded half-even to its decimals, and never coarser than
 * the currency's minor unit, because 12.50 is kept as 12.5 and 12.54 is not equal to it.
 */
export const asTyped = (ledgerBilled: DecimalText, billTotal: DecimalText, currency: string): DecimalText =>
  toDecimalText(
    new Decimal(ledgerBilled).toDecimalPlaces(Math.max(decimalsOf(billTotal), minorUnits(currency))),
  )

/** A typed total is compared as finely as it prints; a file's sum must be equal exactly. */
const billProblems = (bill: BillFacts): readonly string[] => {
  const name = `${bill.provider} ${bill.billingAccount}`
  const total = bill.billTotal ?? bill.fileTotal
  if (total === null) return [`${name}: the bill’s total is not known, type it from the bill`]
  const problems: string[] = []
  const { billTotal, fileTotal, ledgerBilled, currency } = bill
  if (billTotal !== null) {
    const rounded = asTyped(ledgerBilled, billTotal, currency)
    const difference = less(rounded, billTotal)
    if (difference !== ZERO)
      problems.push(
        `${name}: the ledger has ${groupDigits(rounded)} ${currency}, the bill ${groupDigits(billTotal)} (${signed(difference)})`,
      )
  }
  if (fileTotal !== null) {
    const difference = less(ledgerBilled, fileTotal)
    if (difference !== ZERO)
      problems.push(
        `${name}: the ledger has ${groupDigits(ledgerBilled)} ${currency}, the file ${groupDigits(fileTotal)} (${signed(difference)})`,
      )
  }
  const gap = less(sumDecimals([bill.attributed, bill.unattributed]), ledgerBilled)
  if (gap !== ZERO)
    problems.push(
      `${name}: attributed and unattributed cost differ from the ledger’s by ${signed(gap)} ${currency}, rebuild the cube`,
    )
  return problems
}

const costEqualsBill = ({ bills, month }: CloseFacts): Finding => {
  if (bills.length === 0)
    return notApplicable(`The ledger has no cost of ${monthName(month)}, so there is no bill to compare.`)
  const problems = bills.flatMap(billProblems)
  if (problems.length > 0) return open(`${problems.join('; ')}.`)
  const compared = bills.some((bill) => bill.billTotal === null) ? 'its bill or its file’s sum' : 'its bill'
  return passed(
    `${count(bills.length, 'billing account')}: ledger cost equals ${compared}, and attributed + unattributed = total.`,
  )
}

const usageAgrees = ({ usageComparisons }: CloseFacts): Finding => {
  const comparable = usageComparisons.filter((comparison) => comparison.quantities.length > 1)
  if (comparable.length === 0)
    return notApplicable(
      'Each metric is measured by one source only, so there is nothing to compare it with.',
    )
  const apart = comparable.filter(
    ({ quantities }) => new Set(quantities.map(({ quantity }) => quantity)).size > 1,
  )
  if (apart.length === 0)
    return passed(`${count(comparable.length, 'metric')} measured twice: the sources agree.`)
  const words = apart.map(({ metric, quantities }) => {
    const parts = quantities.map(({ source, quantity }) => `${source} ${groupDigits(quantity)}`)
    return `${metric}: ${parts.join(', ')}`
  })
  return open(`Sources disagree. ${words.join('; ')}. Find out which one is right and correct the other.`)
}

const unattributedUnderThreshold = (facts: CloseFacts): Finding => {
  const { unattributedPercent: share, unattributedThresholdPercent: threshold, month } = facts
  if (share === null) return notApplicable(`The ledger has no cost of ${monthName(month)}.`)
  return new Decimal(share).abs().lte(threshold)
    ? passed(`${groupDigits(share)} % of cost is unattributed; the threshold is ${threshold} %.`)
    : open(
        `${groupDigits(share)} % of cost is unattributed; the threshold is ${threshold} %. Write rules for the largest contributors.`,
      )
}

const quarantineAnswered = ({ quarantineOpen, conflicts, month }: CloseFacts): Finding => {
  if (quarantineOpen === 0 && conflicts === 0) return passed('No record waits in quarantine.')
  const words = [
    ...(quarantineOpen > 0
      ? [
          `${count(quarantineOpen, 'record')} in quarantine without an answer. Mend, replay or dismiss them in Ledger.`,
        ]
      : []),
    ...(conflicts > 0
      ? [
          `${count(conflicts, 'record')} of ${monthName(month)} came again with other content; what came first is counted. Compare them in Ledger, and lock the month with the reason why the first is right.`,
        ]
      : []),
  ]
  return open(words.join(' '))
}

const invoicesDone = ({ invoices, billableCustomers, lateBatches, month }: CloseFacts): Finding => {
  const { draft, approved, delivered } = invoices
  const total = draft + approved + delivered
  if (total === 0 && billableCustomers === 0)
    return notApplicable(
      `No customer has a price in effect in ${monthName(month)}, so there is nothing to invoice.`,
    )
  const missing = Math.max(0, billableCustomers - total)
  const afterwards = [
    ...(draft > 0 ? ['run the month again to renew the drafts'] : []),
    ...(approved + delivered > 0
      ? ['approved invoices stand, and sums that came late are billed by the customers’ next ones']
      : []),
  ].join('; ')
  const late =
    lateBatches === 0
      ? ''
      : ` ${lateBatches === 1 ? '1 batch' : `${lateBatches} batches`} with records of this month came after the invoices were computed: ${afterwards}.`
  const waiting = [
    ...(missing > 0 ? [`${count(missing, 'customer')} without an invoice (run the month)`] : []),
    ...(draft > 0 ? [`${count(draft, 'draft')} to approve`] : []),
    ...(approved > 0 ? [`${approved} approved to deliver`] : []),
  ]
  if (waiting.length > 0) return open(`${waiting.join(', ')}; ${delivered} delivered.${late}`)
  return passed(`${count(delivered, 'invoice')} approved and delivered.${late}`)
}

const FINDERS: { readonly [id in CheckId]: readonly [title: string, find: (facts: CloseFacts) => Finding] } =
  {
    sources_complete: ['Sources complete', sourcesComplete],
    cost_equals_bill: ['Cost equals bill', costEqualsBill],
    usage_agrees: ['Usage agrees between sources', usageAgrees],
    unattributed_under_threshold: ['Unattributed under threshold', unattributedUnderThreshold],
    quarantine_answered: ['Anomalies answered', quarantineAnswered],
    invoices_approved_and_delivered: ['Invoices approved and delivered', invoicesDone],
    payments_matched: [
      'Payments matched',
      () => notApplicable('Payments are matched in Stripe; this book is not connected to them.'),
    ],
  }

/** The seven checks, in the order of the screen. A check that is not applicable never blocks. */
export const closeChecks = (facts: CloseFacts): readonly CloseCheck[] =>
  CHECKS.map((id) => {
    const [title, find] = FINDERS[id]
    return { id, title, ...find(facts), blocking: id !== 'payments_matched' }
  })

export type LockAnswer =
  | { readonly allowed: true; readonly overridden: readonly CheckId[] }
  | { readonly allowed: false; readonly open: readonly CheckId[]; readonly sentence: string }

/**
 * Whether the month may be locked: no blocking check is open, or a person overrides those that are and says
 * why. An override without a reason is none.
 */
export const mayLock = (
  checks: readonly CloseCheck[],
  override: { readonly reason: string } | null,
): LockAnswer => {
  const blocking = checks.filter((check) => check.blocking && check.state === 'open')
  const ids = blocking.map((check) => check.id)
  if (ids.length === 0 || (override !== null && override.reason.trim() !== ''))
    return { allowed: true, overridden: ids }
  const titles = blocking.map((check) => check.title).join(', ')
  return {
    allowed: false,
    open: ids,
    sentence: `${count(ids.length, 'check')} open: ${titles}. Answer ${ids.length === 1 ? 'it' : 'them'}, or lock with a reason.`,
  }
}
