import type { z } from 'zod'
import type { monthState } from '../../../contract/month.ts'
import { type DecimalText, less, sumDecimals } from '../../../domain/decimal.ts'
import {
  addMonths,
  dayOf,
  daysOfMonth,
  type Month,
  monthName,
  monthOf,
  monthPeriod,
} from '../../../domain/period.ts'
import { holdsInMonth } from '../../../domain/pricing/term.ts'
import {
  asTyped,
  type CheckId,
  type CloseCheck,
  type CloseFacts,
  closeChecks,
  mayLock,
} from '../../../domain/reconcile/checks.ts'
import { billFileId } from '../../collect/bill-files.ts'
import type { DayArrived } from '../../cube/queries/arrivals.ts'
import type { BillTotal } from '../../cube/queries/totals.ts'
import { countConflictsIn, countQuarantine } from '../../ledger/read-exceptions.ts'
import { api, type EngineState } from '../engine-state.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { refused } from '../refusals.ts'
import { cubeAgrees } from '../reports/agreement.ts'
import { costOf, unattributedShare } from '../reports/month-cost.ts'
import type { Session } from '../session.ts'

const LINKS: Record<CheckId, (month: Month) => string> = {
  sources_complete: (month) => `/sources?month=${month}`,
  cost_equals_bill: (month) => `/reconcile?month=${month}`,
  usage_agrees: (month) => `/usage?month=${month}`,
  unattributed_under_threshold: (month) => `/rules?month=${month}`,
  quarantine_answered: () => '/ledger?tab=quarantine',
  invoices_approved_and_delivered: (month) => `/invoices?month=${month}`,
  payments_matched: (month) => `/invoices?month=${month}`,
}

/** The newest batch the month's invoices were computed from; 0 where it has none. */
const computedAtOf = (session: Session, month: Month): number =>
  Math.max(
    0,
    ...session
      .all('invoice')
      .filter(({ content }) => content.month === month && content.state !== 'void')
      .map(({ content }) => content.asOfBatch),
  )

/**
 * Days of the month by source: what arrived, and which days that are over have nothing. A day is late when some of
 * it came after the month's invoices were computed or the month was closed: before that, nothing was missed.
 */
export const arrivalsOf = async (session: Session, month: Month) => {
  const { timeZone } = session.settings()
  const nowMs = session.clock.nowMs()
  const days = daysOfMonth(month)
  const today = dayOf(nowMs, timeZone)
  const found = Map.groupBy(
    await session.cube.daysArrived({ firstDay: days[0] ?? '', lastDay: days.at(-1) ?? '' }),
    ({ sourceNo }) => sourceNo,
  )
  const computedAt = computedAtOf(session, month)
  const closedAtMs = session.one('month_close', month)?.recordedMs ?? null
  const isLate = ({ lastBatchId }: DayArrived) =>
    (computedAt > 0 && lastBatchId > computedAt) ||
    (closedAtMs !== null && session.recordedMsOf(lastBatchId) > closedAtMs)
  const sources = session.sources().flatMap((source) => {
    const own = found.get(source.sourceNo)
    if (own === undefined) return []
    const byDay = new Map(own.map((each) => [each.day, each]))
    return [
      {
        source: source.sourceKey,
        kind: source.kind,
        days: days.map((day) => {
          const arrived = byDay.get(day)
          const state =
            arrived !== undefined && arrived.records > 0
              ? isLate(arrived)
                ? ('late' as const)
                : ('arrived' as const)
              : day > today
                ? ('ahead' as const)
                : ('missing' as const)
          return { day, records: arrived?.records ?? 0, state }
        }),
      },
    ]
  })
  return { days: [...days], sources, asOf: knownTo(session) }
}

const billsOf = async (session: Session, month: Month) => {
  const { currency } = session.settings()
  const totals = new Map(session.all('bill_total').map((each) => [each.id, each]))
  const files = new Map(session.all('bill_file').map((each) => [each.id, each.content]))
  // Bills that begin in one month are one: that is how their totals are typed and their files summed.
  const bills = new Map<string, BillTotal>()
  for (const bill of await session.cube.bills({ month })) {
    const id = billFileId(bill.provider, bill.billingAccount, bill.month, bill.currency)
    const before = bills.get(id)
    const sum = (of: (each: BillTotal) => DecimalText) =>
      before === undefined ? of(bill) : sumDecimals([of(before), of(bill)])
    bills.set(id, {
      ...bill,
      billed: sum(({ billed }) => billed),
      effective: sum(({ effective }) => effective),
      attributedBilled: sum(({ attributedBilled }) => attributedBilled),
      entries: bill.entries + (before?.entries ?? 0),
    })
  }
  return [...bills].map(([id, bill]) => {
    const typed = totals.get(id)
    const billTotal = typed?.content.total ?? null
    const fileTotal = files.get(id)?.billed ?? null
    const against = billTotal ?? fileTotal
    const own = billTotal === null ? bill.billed : asTyped(bill.billed, billTotal, bill.currency)
    return {
      provider: bill.provider,
      billingAccount: bill.billingAccount,
      month: bill.month as Month,
      currency: bill.currency,
      ledgerBilled: bill.billed,
      attributed: bill.attributedBilled,
      unattributed: less(bill.billed, bill.attributedBilled),
      entries: bill.entries,
      billTotal,
      billTotalVersion: typed?.version ?? 0,
      billTotalBy: billTotal === null ? null : (typed?.author ?? null),
      fileTotal,
      difference: against === null ? null : less(own, against),
      isBooks: bill.currency === currency,
    }
  })
}

const stateOf = async (session: Session, month: Month): Promise<z.output<typeof monthState>> => {
  const settings = session.settings()
  const closed = session.one('month_close', month)
  const bills = await billsOf(session, month)
  const cost = (await costOf(session, [month])).get(month)
  const invoices = session
    .all('invoice')
    .map(({ content }) => content)
    .filter((invoice) => invoice.month === month && invoice.state !== 'void')
  const count = (state: string) => invoices.filter((invoice) => invoice.state === state).length
  const contracts = session.all('contract').map(({ content }) => content)
  const billable = new Set(
    contracts.filter((contract) => holdsInMonth(contract, month)).map(({ customerId }) => customerId),
  )
  const late = await session.cube.lateEntries({
    month,
    period: monthPeriod(month, settings.timeZone),
    currency: settings.currency,
    computedAtBatch: computedAtOf(session, month),
  })
  const facts: CloseFacts = {
    month,
    sources: (await arrivalsOf(session, month)).sources
      .filter(({ kind }) => kind === 'usage')
      .map(({ source, days }) => ({
        name: source,
        missingDays: days.filter(({ state }) => state === 'missing').map(({ day }) => day),
      })),
    bills,
    usageComparisons: [],
    unattributedPercent: unattributedShare(cost),
    unattributedThresholdPercent: settings.unattributedLimitPercent,
    quarantineOpen: countQuarantine(session.ledger, session.asOf).open,
    conflicts: countConflictsIn(session.ledger, {
      month,
      period: monthPeriod(month, settings.timeZone),
      ...session.asOf,
    }),
    billableCustomers: billable.size,
    invoices: { draft: count('draft'), approved: count('approved'), delivered: count('delivered') },
    lateBatches: invoices.length === 0 ? 0 : late.usageBatchesAfter,
  }
  // Cost alone is a source too: a month that has a bill but no usage is not without sources.
  const sources =
    facts.sources.length > 0 || bills.length === 0 ? facts.sources : [{ name: 'Cost files', missingDays: [] }]
  const found = closeChecks({ ...facts, sources })
  // A closed month shows what its close rested on; what came later is told as adjustments.
  const kept = new Map(closed?.content.checks.map((check) => [check.id, check]))
  const checks = found.map((check): CloseCheck => {
    const then = kept.get(check.id)
    return then === undefined
      ? check
      : { ...check, state: then.state as CloseCheck['state'], sentence: then.sentence }
  })
  return {
    month,
    closed: closed !== null,
    closedBy: closed?.author ?? null,
    closedAtMs: closed?.recordedMs ?? null,
    reason: closed?.content.reason ?? null,
    mayClose: closed === null && mayLock(checks, null).allowed,
    checks: checks.map((check) => ({ ...check, link: LINKS[check.id](month) })),
    bills: bills.map(({ isBooks: _isBooks, ...bill }) => bill),
    adjustments: {
      usageEvents: late.usageEvents,
      costEntries: late.costEntries,
      billed: late.billed,
      postedTo: late.postedMs === null ? null : monthOf(late.postedMs, settings.timeZone),
    },
    currency: settings.currency,
    asOf: knownTo(session),
  }
}

export const reconcileHandlers = (engine: EngineState) => ({
  month: api.reconcile.month.handler(async ({ input }) =>
    stateOf(await sessionAsOf(engine.session(), input.asOf), input.month),
  ),
  setBillTotal: api.reconcile.setBillTotal.handler(async ({ input: { expectedVersion, ...content } }) => {
    const session = engine.session()
    const id = billFileId(content.provider, content.billingAccount, content.month, content.currency)
    const known = await session.cube.bills({ month: content.month })
    if (
      !known.some((bill) => billFileId(bill.provider, bill.billingAccount, bill.month, bill.currency) === id)
    )
      throw refused(
        'bill_is_unknown',
        `The ledger has no bill of ${content.provider} ${content.billingAccount} for ${monthName(content.month)} in ${content.currency}. Import its cost first; nothing was saved.`,
      )
    await session.put(`Bill total ${content.provider} ${content.month}`, [
      { kind: 'bill_total', id, content, expectedVersion },
    ])
    return stateOf(session, content.month)
  }),
  close: api.reconcile.close.handler(async ({ input }) => {
    const session = engine.session()
    const { timeZone } = session.settings()
    const { month } = input
    if (session.one('month_close', month) !== null)
      throw refused('month_is_closed', `${monthName(month)} is closed already. Nothing was changed.`)
    if (month >= monthOf(session.clock.nowMs(), timeZone))
      throw refused(
        'month_is_not_over',
        `${monthName(month)} is not over yet; it can be closed from ${addMonths(month, 1)}-01. Nothing was changed.`,
      )
    if (engine.jobs.list().some(({ kind, state }) => kind === 'import' && state === 'running'))
      throw refused(
        'import_is_running',
        `${monthName(month)} was not closed: an import is running, and may hold records of it. Close it when the import has ended.`,
      )
    const agreement = await cubeAgrees(session)
    if (!agreement.agrees)
      throw refused(
        'cube_differs',
        `${agreement.sentence} The month was not closed. Rebuild the cube in Settings first.`,
      )
    const state = await stateOf(session, month)
    const reason = input.reason?.trim() ?? ''
    const answer = mayLock(
      state.checks.map((check) => ({ ...check, id: check.id as CheckId })),
      reason === '' ? null : { reason },
    )
    if (!answer.allowed)
      throw refused('checks_are_open', `${monthName(month)} was not closed. ${answer.sentence}`)
    await session.put(`${monthName(month)} closed`, [
      {
        kind: 'month_close',
        id: month,
        content: {
          month,
          reason: reason === '' ? null : reason,
          checks: state.checks.map(({ id, state: each, sentence }) => ({ id, state: each, sentence })),
        },
        expectedVersion: 0,
      },
    ])
    return stateOf(session, month)
  }),
})
