/** A month's drafts: rated anew for every customer, renewed where they changed, voided where nobody owes them. */
import { canonicalJson, type Json } from '../../domain/canonical.ts'
import { sumDecimals } from '../../domain/decimal.ts'
import type { Invoice } from '../../domain/invoice/invoice.ts'
import { type Month, monthName } from '../../domain/period.ts'
import { formatAmount } from '../../domain/pricing/format.ts'
import type { Put } from './documents.ts'
import type { JobHandle, JobResult } from './jobs.ts'
import { refused } from './refusals.ts'
import { cubeAgrees } from './reports/agreement.ts'
import { billedTwiceWords, renewedDraft } from './reports/billed-twice.ts'
import { rateNow } from './reports/revenue.ts'
import { closedMonths, type Session } from './session.ts'

const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`

/** What makes two drafts the same to a reader: everything but the head they were computed from. */
const meaning = ({ chainHead, asOfBatch, ...rest }: Invoice) => canonicalJson(rest as unknown as Json)

/** The month's invoices in the book's currency. */
const totalOf = (session: Session, month: Month) => {
  const { currency } = session.settings()
  return sumDecimals(
    session
      .all('invoice')
      .flatMap(({ content }) =>
        content.month === month && content.state !== 'void' && content.currency === currency
          ? [content.total]
          : [],
      ),
  )
}

/** The month's invoices by currency, the book's first: "4,538.00 USD and 81.29 EUR". Currencies are never added. */
const totalsWords = (session: Session, month: Month): string => {
  const { currency } = session.settings()
  const own = session
    .all('invoice')
    .flatMap(({ content }) => (content.month === month && content.state !== 'void' ? [content] : []))
  const totals = Map.groupBy(own, (invoice) => invoice.currency)
  const others = [...totals.keys()].filter((each) => each !== currency).sort()
  return [currency, ...others]
    .map(
      (each) =>
        `${formatAmount(sumDecimals((totals.get(each) ?? []).map(({ total }) => total)), each)} ${each}`,
    )
    .join(' and ')
}

/** @throws REFUSED where the cube differs from the ledger: no invoice is made of it then. */
const checkAgreement = ({ agrees, sentence }: Awaited<ReturnType<typeof cubeAgrees>>): void => {
  if (!agrees)
    throw refused(
      'cube_differs',
      `${sentence} No invoice was made. Rebuild the cube in Settings, then run again.`,
    )
}

/**
 * Drafts of a closed month that can't be approved because others bill the same by now, made anew without it.
 * @returns null where the customers have none
 */
const renewStuckDrafts = async (
  session: Session,
  month: Month,
  customerIds: readonly string[],
): Promise<JobResult | null> => {
  const stuck = session
    .all('invoice')
    .filter(
      ({ content }) =>
        content.month === month &&
        content.state === 'draft' &&
        customerIds.includes(content.customerId) &&
        billedTwiceWords(session)(content) !== null,
    )
  if (stuck.length === 0) return null
  checkAgreement(await cubeAgrees(session))
  const puts: Put[] = []
  for (const { id, content, version } of stuck) {
    const renewed = await renewedDraft(session, content)
    if (renewed !== null) puts.push({ kind: 'invoice', id, content: renewed, expectedVersion: version })
  }
  if (puts.length === 0) return null
  await session.put(`Drafts of ${month} renewed without what others bill`, puts)
  const { currency } = session.settings()
  const total = totalOf(session, month)
  return {
    kind: 'invoice_run',
    run: {
      month,
      drafts: puts.length,
      unchanged: 0,
      kept: 0,
      total,
      currency,
      issues: [],
      sentence: `${monthName(month)} is closed: ${plural(puts.length, 'draft')} made anew from what it was computed from, without what another invoice bills. Look at it, and approve it.`,
    },
  }
}

/** @throws REFUSED where the month is closed or the cube differs from the ledger; nothing is made then. */
export const runMonth = async (
  session: Session,
  month: Month,
  customerIds: readonly string[] | undefined,
  handle: JobHandle,
): Promise<JobResult> => {
  if (closedMonths(session).includes(month)) {
    const renewed = await renewStuckDrafts(session, month, customerIds ?? [])
    if (renewed !== null) return renewed
    throw refused(
      'month_is_closed',
      `${monthName(month)} is closed; its invoices stand. What came later counts in the next open month.`,
    )
  }
  handle.progress(0, null, `Rating ${monthName(month)} and comparing the cube with the ledger`)
  await session.follow()
  const rating = rateNow(
    session,
    [month],
    customerIds === undefined ? {} : { customerIds: new Set(customerIds) },
  )
  // A rating may fail because the cube differs: that is said first.
  const [agreement] = await Promise.all([cubeAgrees(session), rating.catch(() => null)])
  checkAgreement(agreement)
  const [rated] = await rating
  handle.signal.throwIfAborted()
  if (rated === undefined) throw new Error('rateNow answers every month it is asked for')
  const kept = new Map(session.all('invoice').map((each) => [each.id, each]))
  const puts: Put[] = []
  let unchanged = 0
  let settled = 0
  for (const invoice of rated.invoices) {
    const before = kept.get(invoice.id)
    if (
      before !== undefined &&
      (before.content.state === 'approved' || before.content.state === 'delivered')
    ) {
      settled++
      continue
    }
    if (
      before !== undefined &&
      before.content.state === 'draft' &&
      meaning(before.content) === meaning(invoice)
    ) {
      unchanged++
      continue
    }
    puts.push({ kind: 'invoice', id: invoice.id, content: invoice, expectedVersion: before?.version ?? 0 })
  }
  // A draft of what nothing can be rated for any more would stay in every total.
  const made = new Set(rated.invoices.map(({ id }) => id))
  const asked = new Set([...rated.invoices, ...rated.without].map(({ customerId }) => customerId))
  const voided = [...kept.values()].flatMap(({ id, content, version }): Put[] =>
    content.month === month && asked.has(content.customerId) && !made.has(id) && content.state === 'draft'
      ? [{ kind: 'invoice', id, content: { ...content, state: 'void' }, expectedVersion: version }]
      : [],
  )
  const drafts = puts.length
  puts.push(...voided)
  handle.signal.throwIfAborted()
  if (closedMonths(session).includes(month))
    throw refused(
      'month_is_closed',
      `${monthName(month)} was closed while it was rated. No invoice was made; those that it was closed with stand.`,
    )
  if (puts.length > 0) await session.put(`Invoice run ${month}`, puts)
  const { currency } = session.settings()
  const total = totalOf(session, month)
  const issues = rated.invoices.flatMap(({ customerName, issues: found }) =>
    found
      .filter(({ severity }) => severity === 'error')
      .map((issue) => ({ ...issue, message: `${customerName}: ${issue.message}` })),
  )
  handle.progress(rated.invoices.length, rated.invoices.length, 'Done')
  return {
    kind: 'invoice_run',
    run: {
      month,
      drafts,
      unchanged,
      kept: settled,
      total,
      currency,
      issues,
      sentence: `${monthName(month)}: ${plural(drafts, 'draft')} made or renewed${voided.length > 0 ? `, ${voided.length} without a rate card any more and voided` : ''}${unchanged > 0 ? `, ${unchanged} unchanged` : ''}${settled > 0 ? `, ${settled} approved before and left as they are` : ''}${rated.without.length > 0 ? `, ${plural(rated.without.length, 'customer')} without a rate card` : ''}. Total ${totalsWords(session, month)}.`,
    },
  }
}
