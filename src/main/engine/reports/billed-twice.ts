/**
 * Drafts that bill what another invoice bills by now: none of them can be approved as it is. In an open month a run makes
 * them anew; in a closed one, which is not run, the single draft is, from what it was computed from and without that.
 */
import type { Invoice } from '../../../domain/invoice/invoice.ts'
import { monthName } from '../../../domain/period.ts'
import { billsContract, samePart } from '../../bill/contract-months.ts'
import { rateMonths } from '../../bill/rate-months.ts'
import { sessionAsOf } from '../past.ts'
import { closedMonths, type Session } from '../session.ts'
import { lateBookOf, lateUsageBilledTwice, tenantBilledTwice } from './late.ts'
import { ratingInputOf } from './revenue.ts'

/** Why a draft can't be approved, and what to do. Drafts are asked about in the order they are approved. */
export const billedTwiceWords = (session: Session): ((invoice: Invoice) => string | null) => {
  const closed = new Set(closedMonths(session))
  const lateTwice = lateUsageBilledTwice(session)
  const tenantTwice = tenantBilledTwice(session)
  const advice = ({ month }: Invoice) =>
    closed.has(month)
      ? `${monthName(month)} is closed and is not run again: renew this draft alone, on its page. It is made anew from what it was computed from, without that.`
      : `Run ${monthName(month)} again.`
  return (invoice) => {
    const moved = tenantTwice(invoice)
    if (moved !== undefined)
      return `${invoice.number} bills the usage of “${moved.tenant}” in ${monthName(invoice.month)}, and so does ${moved.invoice.number} of ${moved.invoice.customerName}, which is approved: the tenant moved between the two. ${advice(invoice)}`
    const late = lateTwice(invoice)
    return late === undefined
      ? null
      : `${invoice.number} bills ${late.metric} that came late for ${monthName(late.month)}, and another invoice bills it by now. ${advice(invoice)}`
  }
}

/** The draft of a closed month made anew, with the number it has: nothing that came since is in it, nor is what others bill. */
export const renewedDraft = async (session: Session, draft: Invoice): Promise<Invoice | null> => {
  const { asOfBatch, customerId, month } = draft
  const then = await sessionAsOf(session, String(asOfBatch))
  const { billedElsewhereOf } = await lateBookOf(session)
  const isBilledTwice = lateUsageBilledTwice(session)
  const contracts = draft.contractIds ?? (draft.contractId ? [draft.contractId] : [])
  // Its contract's invoices to other addresses count too: what they took over counts to one commitment.
  const late = session
    .all('invoice')
    .map(({ content }) => content)
    .filter(
      (each) =>
        each.id === draft.id ||
        (each.customerId === customerId &&
          each.month === month &&
          each.state !== 'void' &&
          contracts.some((id) => billsContract(each, id))),
    )
    .flatMap((carrier) =>
      (carrier.late ?? []).filter((each) => isBilledTwice({ ...carrier, late: [each] }) === undefined),
    )
  const [rated] = await rateMonths({
    ...(await ratingInputOf(then, [month], { customerIds: new Set([customerId]) })),
    billedElsewhereOf,
    lateUsageOf: () => late,
  })
  const now = samePart(rated?.invoices ?? [], draft)
  return now === undefined ? null : { ...now, id: draft.id, number: draft.number }
}
