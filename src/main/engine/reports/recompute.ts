/**
 * An invoice rated again from the ledger, as of the batch it was computed from or another moment, line beside line.
 * As of its issue it must come out to the same cent: if not, the book or the program is wrong, and it says so.
 */
import type { z } from 'zod'
import type { recomputation } from '../../../contract/invoices.ts'
import { type DecimalText, less, ZERO } from '../../../domain/decimal.ts'
import { lineKey } from '../../../domain/invoice/changes.ts'
import { dueOf, type Invoice, type InvoiceLine } from '../../../domain/invoice/invoice.ts'
import { formatAmount, formatSignedAmount, groupDigits } from '../../../domain/pricing/format.ts'
import { samePart } from '../../bill/contract-months.ts'
import { type RatingInput, rateMonths } from '../../bill/rate-months.ts'
import { storedInvoice } from '../delivery.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { refused } from '../refusals.ts'
import type { Session } from '../session.ts'
import { ratingInputOf } from './revenue.ts'

type Recomputation = z.output<typeof recomputation>
type Line = Recomputation['lines'][number]

const lineWords = (
  was: InvoiceLine | undefined,
  is: InvoiceLine | undefined,
  difference: DecimalText,
  currency: string,
): string => {
  if (was === undefined) return 'Not on the invoice.'
  if (is === undefined) return 'No longer charged.'
  const quantity = was.quantity !== is.quantity
  if (difference === ZERO && !quantity) return 'The same.'
  const parts = [
    ...(quantity
      ? [`the quantity was ${groupDigits(was.quantity ?? ZERO)} and is ${groupDigits(is.quantity ?? ZERO)}`]
      : [`the quantity is the same, the price or the terms are not`]),
    ...(difference === ZERO ? ['the amount is the same'] : [formatSignedAmount(difference, currency)]),
  ]
  const words = parts.join(': ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
}

const linesOf = (invoice: Invoice, now: Invoice | undefined): Line[] => {
  const before = new Map(invoice.lines.map((line) => [lineKey(line), line]))
  const after = new Map((now?.lines ?? []).map((line) => [lineKey(line), line]))
  return [...new Set([...before.keys(), ...after.keys()])].map((key): Line => {
    const [was, is] = [before.get(key), after.get(key)]
    const difference = less(is?.amount ?? ZERO, was?.amount ?? ZERO)
    return {
      line: was?.line ?? null,
      description: was?.description ?? is?.description ?? '',
      invoicedQuantity: was?.quantity ?? null,
      recomputedQuantity: is?.quantity ?? null,
      invoiced: was?.amount ?? null,
      recomputed: is?.amount ?? null,
      difference,
      equal: was !== undefined && is !== undefined && difference === ZERO && was.quantity === is.quantity,
      sentence: lineWords(was, is, difference, invoice.currency),
    }
  })
}

/**
 * What an invoice took over of earlier months and left to others it says itself: in a closed month it may have been made
 * anew after the batch that it was computed from.
 */
const asIssued = (session: Session, { customerId, month }: Invoice, input: RatingInput): RatingInput => {
  const own = session
    .all('invoice')
    .flatMap(({ content }) =>
      content.customerId === customerId && content.month === month && content.state !== 'void'
        ? [content]
        : [],
    )
  return {
    ...input,
    lateUsageOf: (customer, of) =>
      customer === customerId && of === month
        ? own.flatMap(({ late }) => late ?? [])
        : input.lateUsageOf(customer, of),
    billedElsewhereOf: (customer, of) =>
      of === month
        ? own.flatMap((invoice) => (invoice.tenantsElsewhere ?? []).map((tenant) => ({ tenant, invoice })))
        : input.billedElsewhereOf(customer, of),
  }
}

/** @throws NOT_FOUND, REFUSED */
export const recomputeInvoice = async (
  session: Session,
  invoiceId: string,
  asked: string | undefined,
): Promise<Recomputation> => {
  const { content: invoice } = storedInvoice(session, invoiceId)
  if (invoice.imported !== undefined)
    throw refused(
      'invoice_was_imported',
      `Invoice ${invoice.number} was issued elsewhere and imported from ${invoice.imported.from}: it is kept as it came, and never rated.`,
    )
  const past = await sessionAsOf(session, asked ?? String(invoice.asOfBatch))
  const known = knownTo(past)
  const isIssue = known.batchId === invoice.asOfBatch
  const input = await ratingInputOf(past, [invoice.month], { customerIds: new Set([invoice.customerId]) })
  const [rated] = await rateMonths(isIssue ? asIssued(session, invoice, input) : input)
  const now = samePart(rated?.invoices ?? [], invoice)
  const lines = linesOf(invoice, now)
  const difference = less(now?.total ?? ZERO, invoice.total)
  const headFits = !isIssue || known.hash === invoice.chainHead
  const isDueEqual = now !== undefined && dueOf(now) === dueOf(invoice)
  const equal = isDueEqual && headFits && lines.every((line) => line.equal)
  const money = (amount: DecimalText) => `${formatAmount(amount, invoice.currency)} ${invoice.currency}`
  const moment = isIssue ? 'its issue' : past === session ? 'now' : 'that moment'
  const different = lines.filter((line) => !line.equal)
  const sentence = !headFits
    ? `The chain’s hash at batch ${invoice.asOfBatch} is not the one the invoice carries. Verify the book.`
    : now === undefined
      ? `As of ${moment} (batch ${known.batchId}) nothing can be rated: ${rated?.without[0]?.reason ?? 'the customer was not known.'}`
      : equal
        ? `Recomputed as of ${moment} (batch ${known.batchId}), every line comes to the same cent: ${money(invoice.total)}.`
        : `Recomputed as of ${moment} (batch ${known.batchId}), ${different.length} of ${lines.length} lines ${different.length === 1 ? 'differs' : 'differ'}: ${money(now.total)} instead of ${money(invoice.total)} (${difference === ZERO ? 'the same total' : formatSignedAmount(difference, invoice.currency)}).${isDueEqual || (dueOf(now) === now.total && dueOf(invoice) === invoice.total) ? '' : ` Due is ${money(dueOf(now))} instead of ${money(dueOf(invoice))}.`}${isIssue ? ' That must not be: verify the book.' : ''}`
  return {
    invoiceId: invoice.id,
    number: invoice.number,
    currency: invoice.currency,
    issuedAsOfBatch: invoice.asOfBatch,
    equal,
    invoiced: invoice.total,
    recomputed: now?.total ?? null,
    difference,
    lines,
    sentence,
    asOf: known,
  }
}
