/** How the month went and what needs doing. */
import type { z } from 'zod'
import type { monthPoint, overview } from '../../../contract/cost.ts'
import { Decimal, type DecimalText, less, toDecimalText, ZERO } from '../../../domain/decimal.ts'
import { marginOf } from '../../../domain/margin.ts'
import { addMonths, type Month, monthName, monthPeriod, monthsBetween } from '../../../domain/period.ts'
import { formatAmount, groupDigits } from '../../../domain/pricing/format.ts'
import { countConflictsIn, countQuarantine } from '../../ledger/read-exceptions.ts'
import { knownTo } from '../past.ts'
import { closedMonths, customersOf, type Session } from '../session.ts'
import { spanInWords } from '../span.ts'
import { freshnessOf } from './freshness.ts'
import { marginReport } from './margin.ts'
import { costOf, unattributedShare } from './month-cost.ts'
import { linesOf, revenueOf, totalRevenue } from './revenue.ts'

const TREND_MONTHS = 14
const MOVERS = 6

type Need = z.output<typeof overview>['needs'][number]

/** As the screens print a share: one decimal at most, a true minus. */
const percentWords = (percent: DecimalText) =>
  `${groupDigits(toDecimalText(new Decimal(percent).toDecimalPlaces(1)))} %`

const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`

/** @param troubles of connected sources, one sentence each; of now, whatever is asked */
export const overviewOf = async (
  session: Session,
  month: Month,
  troubles: readonly string[] = [],
): Promise<z.output<typeof overview>> => {
  const settings = session.settings()
  const { currency } = settings
  const seen = session.months()
  const first = seen[0]?.month ?? month
  const start = addMonths(month, 1 - TREND_MONTHS)
  const months = monthsBetween((first > start ? first : start) as Month, month)
  const [revenues, costs, margin] = await Promise.all([
    revenueOf(session, months),
    costOf(session, months),
    marginReport(session, month),
  ])
  const closed = new Set(closedMonths(session))
  // A closed month asks for nothing any more: it can't be changed.
  const isOpen = !closed.has(month)
  const trend = months.map((each): z.output<typeof monthPoint> => {
    const cost = costs.get(each)
    const revenue = totalRevenue(revenues.get(each))
    return {
      month: each,
      revenue,
      directCost: cost?.direct ?? ZERO,
      allocatedCost: cost?.allocated ?? ZERO,
      unattributed: cost?.unattributed ?? ZERO,
      cost: cost?.bill ?? ZERO,
      ...marginOf(revenue, cost === undefined || cost.entries === 0 ? null : cost.bill),
      closed: closed.has(each),
    }
  })
  const now = trend.at(-1)
  const before = trend.at(-2)
  const cost = costs.get(month)
  const hasCost = cost !== undefined && cost.entries > 0
  const points =
    now?.marginPercent == null || before?.marginPercent == null
      ? null
      : less(now.marginPercent, before.marginPercent)
  const money = (amount: DecimalText) => formatAmount(amount, currency)

  const needs: Need[] = []
  const need = (kind: Need['kind'], sentence: string, link: string) => needs.push({ kind, sentence, link })
  const customers = customersOf(session)
  if (seen.length === 0) need('setup', 'No data yet: drop a usage or cost file on Sources.', '/sources')
  else {
    if (customers.length === 0)
      need('setup', 'No customers yet: say which tenants belong to whom.', `/customers?month=${month}`)
    if (session.all('rate_card').length === 0)
      need('setup', 'No rate card yet: revenue can’t be told without prices.', '/rate-cards')
    if (hasCost && (session.one('rules', 'rules')?.content.rules.length ?? 0) === 0)
      need('setup', 'No attribution rules yet: all cost is unattributed.', '/rules')
  }
  for (const sentence of troubles) need('late_source', sentence, '/sources')
  const open = seen.filter((each) => each.month < month && !closed.has(each.month as Month))
  const oldest = open[0]?.month as Month | undefined
  if (oldest !== undefined)
    need(
      'close',
      `${monthName(oldest)} is not closed${open.length > 1 ? `, nor ${plural(open.length - 1, 'later month', 'later months')} before this one` : ''}.`,
      `/reconcile?month=${oldest}`,
    )
  const invoices = session
    .all('invoice')
    .map(({ content }) => content)
    .filter((invoice) => isOpen && invoice.month === month && invoice.state !== 'void')
  const drafts = invoices.filter(({ state }) => state === 'draft')
  const approved = invoices.filter(({ state }) => state === 'approved')
  if (drafts.length > 0)
    need(
      'invoices',
      `${plural(drafts.length, 'draft invoice waits', 'draft invoices wait')} for approval.`,
      `/invoices?month=${month}`,
    )
  if (approved.length > 0)
    need(
      'invoices',
      `${plural(approved.length, 'approved invoice waits', 'approved invoices wait')} to be delivered.`,
      `/invoices?month=${month}`,
    )
  const over = invoices.filter(
    ({ total, state }) => state === 'draft' && new Decimal(total).gt(settings.invoiceReviewLimit),
  )
  if (over.length > 0)
    need(
      'invoices',
      `${plural(over.length, 'draft is', 'drafts are')} above your limit of ${money(settings.invoiceReviewLimit)} ${currency}.`,
      `/invoices?month=${month}`,
    )
  for (const row of margin.rows.filter((each) => isOpen && each.belowFloor).slice(0, 3))
    need(
      'below_floor',
      `${row.name} is below the floor: ${row.marginPercent === null ? 'no revenue' : percentWords(row.marginPercent)} (floor ${percentWords(settings.marginFloorPercent)}).`,
      `/cost/${encodeURIComponent(row.customerId)}?month=${month}`,
    )
  const unattributedPercent = unattributedShare(cost)
  if (
    isOpen &&
    unattributedPercent !== null &&
    new Decimal(unattributedPercent).gt(settings.unattributedLimitPercent)
  )
    need(
      'unattributed',
      `${percentWords(unattributedPercent)} of the bill is unattributed (limit ${percentWords(settings.unattributedLimitPercent)}).`,
      `/rules?month=${month}`,
    )
  const quarantined = countQuarantine(session.ledger, session.asOf).open
  if (quarantined > 0)
    need(
      'quarantine',
      `${plural(quarantined, 'record is', 'records are')} in quarantine.`,
      '/ledger?tab=quarantine',
    )
  const conflicts = isOpen
    ? countConflictsIn(session.ledger, {
        month,
        period: monthPeriod(month, settings.timeZone),
        ...session.asOf,
      })
    : 0
  if (conflicts > 0)
    need(
      'conflict',
      `${plural(conflicts, 'record', 'records')} of this month came again with other content; what came first is counted.`,
      '/ledger?tab=conflicts',
    )
  for (const source of freshnessOf(session).filter(({ late }) => late))
    need(
      'late_source',
      `${source.sourceKey}: the newest record is ${spanInWords(source.lagMs)} old.`,
      '/sources',
    )

  const movers = [...(revenues.get(month)?.byCustomer.values() ?? [])]
    .map((now) => {
      const previous = revenues.get(addMonths(month, -1))?.byCustomer.get(now.customerId)
      return {
        customerId: now.customerId,
        name: now.name,
        change: less(now.total ?? ZERO, previous?.total ?? ZERO),
        reason: reasonOf(linesOf(now), previous === undefined ? undefined : linesOf(previous)),
      }
    })
    .filter(({ change }) => change !== ZERO)
    .sort((a, b) => new Decimal(b.change).abs().comparedTo(new Decimal(a.change).abs()))
    .slice(0, MOVERS)

  return {
    month,
    currency,
    basis: settings.costBasis,
    revenue: now?.revenue ?? null,
    cost: hasCost ? cost.bill : null,
    margin: now?.margin ?? null,
    marginPercent: now?.marginPercent ?? null,
    marginPointsChange: points,
    unattributed: cost?.unattributed ?? ZERO,
    unattributedPercent,
    trend,
    needs,
    movers,
    gaps: margin.gaps,
    asOf: knownTo(session),
  }
}

type InvoiceLike = {
  readonly lines: readonly {
    readonly description: string
    readonly quantity?: DecimalText
    readonly amount: DecimalText
  }[]
}

/** The one line that moved most, in words. */
const reasonOf = (now: InvoiceLike, before: InvoiceLike | undefined): string => {
  if (before === undefined) return 'first month'
  const amounts = new Map<string, { change: Decimal; was: DecimalText | null; is: DecimalText | null }>()
  for (const line of before.lines)
    amounts.set(line.description, {
      change: new Decimal(line.amount).negated(),
      was: line.quantity ?? null,
      is: null,
    })
  for (const line of now.lines) {
    const known = amounts.get(line.description)
    amounts.set(line.description, {
      change: (known?.change ?? new Decimal(0)).plus(line.amount),
      was: known?.was ?? null,
      is: line.quantity ?? null,
    })
  }
  const [largest] = [...amounts].sort((a, b) => b[1].change.abs().comparedTo(a[1].change.abs()))
  if (largest === undefined) return ''
  const [description, { was, is }] = largest
  if (is !== null && new Decimal(is).isZero() && was !== null && !new Decimal(was).isZero())
    return `${description} stopped`
  if (was === null || is === null || new Decimal(was).isZero()) return description
  const change = new Decimal(is).minus(was).div(was).times(100).toDecimalPlaces(1)
  return change.isZero()
    ? `${description}, price`
    : `${description} ${change.isPositive() ? '+' : '−'}${toDecimalText(change.abs())} % volume`
}
