/** Asks the second rater of test/support what a worked example comes to, and says where the program disagrees. */
import { type DecimalText, ZERO } from '../../../src/domain/decimal.ts'
import { addMonths } from '../../../src/domain/period.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { firstMonthOf, monthsFrom } from '../../../src/domain/pricing/term.ts'
import type { UsageEvent } from '../../../src/domain/pricing/usage.ts'
import { disagreement } from '../../support/second-rater/product-charge.ts'
import { contractDisagreement } from '../../support/second-rater/product-contract.ts'
import { decimal } from '../../support/second-rater/rational.ts'
import { daysIn, readMonth } from '../../support/second-rater/zone.ts'
import { CUT_DAY, cardOfExample, readUsage, termsOfRow } from './example-rating.ts'
import type { Row, Terms } from './example-tables.ts'

const ofCharge = (charge: Charge, usage: string, terms: Terms): string | null => {
  const { metrics, month, timeZone, settings, currency, cost } = terms
  const { isCut, events } = readUsage(usage, terms)
  return disagreement({
    charge,
    events,
    metrics,
    month,
    timeZone,
    settings,
    currency,
    firstDay: isCut ? CUT_DAY : 0,
    endDay: daysIn(readMonth(month)),
    ...(isCut ? { beforeFrom: 0 } : {}),
    cost: cost === null ? null : decimal(cost),
  })
}

/** List prices are asked for as a contract of the month alone. */
const ofContract = (events: readonly UsageEvent[], terms: Terms): string | null => {
  const { metrics, month, timeZone } = terms
  const contract = terms.contract ?? {
    id: 'contract',
    customerId: 'customer',
    rateCardId: 'card',
    startDay: `${month}-01`,
    endDay: `${addMonths(month, 1)}-01`,
    discountPercent: ZERO,
    chargeDiscounts: {},
    monthlyCommitment: null as DecimalText | null,
  }
  const months = monthsFrom(firstMonthOf(contract), month) + 1
  return contractDisagreement({
    card: cardOfExample(terms),
    contracts: [...terms.earlier, contract],
    events,
    metrics,
    timeZone,
    months,
  })
}

/** In words, of the first row of a table on which the two disagree; null where they agree on all. */
export const disagreementOn = (rows: readonly Row[], terms: Terms): string | null => {
  let earlier: readonly UsageEvent[] = []
  for (const { line, cells } of rows) {
    const own = termsOfRow(cells, terms)
    const usage = cells.get('usage') ?? ''
    const events = own.charge === null ? [...earlier, ...readUsage(usage, own).events] : []
    const found = own.charge === null ? ofContract(events, own) : ofCharge(own.charge, usage, own)
    if (found !== null) return `line ${line}: ${found}`
    if (cells.has('month')) earlier = events
  }
  return null
}
