/**
 * Cost to serve: what the cost of a month comes to for each unit of a metric. Cost is direct and allocated cost of all
 * tenants, or direct cost of some services only; quantity is the metric's of all tenants.
 */
import type { CostToServe } from '../../../contract/allocation.ts'
import type { CostBasis } from '../../../contract/cost.ts'
import { coverageOf, unitCostOf } from '../../../domain/allocation/unit-cost.ts'
import { Decimal, type DecimalText, sumDecimals } from '../../../domain/decimal.ts'
import { type Month, monthName, monthPeriod, monthsBetween } from '../../../domain/period.ts'
import { pluralUnit } from '../../../domain/pricing/format.ts'
import { knownTo } from '../past.ts'
import { notFound, refused } from '../refusals.ts'
import { customersOf, metricsOf, type Session } from '../session.ts'
import { amountIn, BASIS_WORDS, sumKnown, unknownWords } from './cost-basis.ts'
import { customerCost } from './margin.ts'
import { costOf, equationOf } from './month-cost.ts'

const MONTHS_MAX = 36

interface Question {
  readonly metric: string
  readonly from: Month
  readonly to: Month
  readonly basis?: CostBasis | undefined
  readonly services?: readonly string[] | undefined
}

interface Spent {
  readonly directCost: DecimalText | null
  readonly allocatedCost: DecimalText | null
  /** All cost of the services, and what of it is direct cost of nobody. */
  readonly whole: DecimalText | null
  readonly unplaced: readonly DecimalText[]
  readonly byCustomer: ReadonlyMap<string, DecimalText>
}

/** Direct cost of the services, by month and customer; without what pools took of it. */
const spentOnServices = async (
  session: Session,
  months: readonly Month[],
  services: readonly string[],
  basis: CostBasis,
): Promise<ReadonlyMap<Month, Spent>> => {
  const of = {
    months: [...months],
    currency: session.settings().currency,
    grain: 'month',
    filters: [{ field: 'service', values: [...services] }],
  } as const
  const [{ rows }, pooled] = await Promise.all([
    session.cube.costSlice({
      ...of,
      groupBy: ['tenant', 'customer'],
      filters: [...of.filters, { field: 'pool', values: [null] }],
    }),
    session.cube.costSlice({ ...of, groupBy: ['pool'] }),
  ])
  return new Map(
    months.map((month) => {
      const own = rows.filter(({ bucket, keys }) => bucket === month && keys[0] !== null)
      const byCustomer = new Map<string, DecimalText>()
      for (const row of own) {
        const customerId = row.keys[1] ?? null
        const amount = amountIn(row, basis)
        if (customerId !== null && amount !== null)
          byCustomer.set(
            customerId,
            sumDecimals([byCustomer.get(customerId) ?? ('0' as DecimalText), amount]),
          )
      }
      const nobodys = rows.filter(({ bucket, keys }) => bucket === month && keys[0] === null)
      const byPool = pooled.rows.filter(({ bucket }) => bucket === month)
      const inPools = byPool.filter(({ keys }) => keys[0] !== null)
      return [
        month,
        {
          directCost: sumKnown(own.map((row) => amountIn(row, basis))),
          allocatedCost: null,
          whole: sumKnown(byPool.map((row) => amountIn(row, basis))),
          unplaced: [...nobodys, ...inPools].flatMap((row) => amountIn(row, basis) ?? []),
          byCustomer,
        },
      ]
    }),
  )
}

/** @throws NOT_FOUND where there is no such metric; REFUSED where the months make no span */
export const costToServeOf = async (session: Session, question: Question): Promise<CostToServe> => {
  const settings = session.settings()
  const basis = question.basis ?? settings.costBasis
  const metric = metricsOf(session).find((each) => each.metric === question.metric)
  if (metric === undefined) throw notFound(`There is no metric ${question.metric} in this book.`)
  if (question.from > question.to)
    throw refused(
      'period_is_backwards',
      `The period ends (${question.to}) before it begins (${question.from}).`,
    )
  const months = monthsBetween(question.from, question.to)
  if (months.length > MONTHS_MAX)
    throw refused('period_is_too_long', `A cost to serve is told for at most ${MONTHS_MAX} months at once.`)
  const { services } = question
  const [costs, quantities, onServices] = await Promise.all([
    costOf(session, months, { basis }),
    session.cube.usageQuantities({
      requests: months.map((month) => ({ metric: metric.metric, ...monthPeriod(month, settings.timeZone) })),
    }),
    services === undefined ? null : spentOnServices(session, months, services, basis),
  ])
  const quantityOf = (month: Month, customerId?: string): DecimalText | null => {
    const own = quantities.filter(
      (each) => months[each.index] === month && (customerId === undefined || each.customerId === customerId),
    )
    return own.length === 0 ? null : sumDecimals(own.map(({ quantity }) => quantity))
  }
  const last = costs.get(question.to)
  const lastEquation = last === undefined ? null : equationOf(last)
  const customerIds = [...new Set(quantities.flatMap((each) => each.customerId ?? []))]
  const names = new Map<string, string>(customersOf(session).map(({ id, name }) => [id, name]))
  const unit = pluralUnit(metric.unit, '2')
  const of =
    services === undefined
      ? 'direct and allocated cost of all tenants'
      : `direct cost of all tenants on ${services.join(', ')}`
  const gaps = [
    ...(last === undefined ? [] : (unknownWords(basis, last.unknownEntries) ?? [])),
    ...(lastEquation === null || lastEquation.unattributed === '0'
      ? []
      : [
          `What is unattributed of ${monthName(question.to)} is in no unit cost: a unit costs more or less by its share of that.`,
        ]),
  ].flat()
  return {
    metric: metric.metric,
    metricName: metric.name,
    unit: metric.unit,
    currency: settings.currency,
    basis,
    ofServices: services !== undefined,
    definition: `${BASIS_WORDS[basis].replace(/^./, (letter) => letter.toUpperCase())} cost of the month (${of}), divided by the month’s quantity of ${metric.name}${unit === metric.name ? '' : ` (${unit})`}. Confidence is the share of ${services === undefined ? 'the bill that is direct or allocated' : 'those services’ cost that is direct'}.`,
    months: months.map((month) => {
      const cost = costs.get(month)
      const equation = cost === undefined ? null : equationOf(cost)
      const isKnown = equation?.isKnown === true && (cost?.entries ?? 0) > 0
      const ofServices = onServices?.get(month)
      const hasDirect = (cost?.byCustomer.size ?? 0) + (cost?.byLooseTenant.size ?? 0) > 0
      const spent: Pick<Spent, 'directCost' | 'allocatedCost'> = ofServices ?? {
        // Where no rule places any cost a unit does not cost nothing: what it costs is not known.
        directCost: isKnown && hasDirect ? (cost?.direct ?? null) : null,
        allocatedCost: isKnown && (cost?.steps.length ?? 0) > 0 ? (cost?.allocated ?? null) : null,
      }
      const quantity = quantityOf(month)
      const whole = sumKnown([spent.directCost, spent.allocatedCost])
      return {
        month,
        quantity,
        directCost: spent.directCost,
        allocatedCost: spent.allocatedCost,
        cost: whole,
        unitCost: unitCostOf(whole, quantity),
        coverage:
          ofServices !== undefined
            ? ofServices.whole === null
              ? null
              : coverageOf(ofServices.whole, ofServices.unplaced)
            : equation === null || !isKnown
              ? null
              : coverageOf(equation.bill, [equation.unattributed, equation.idle]),
      }
    }),
    customers: customerIds
      .flatMap((customerId) => {
        const quantity = quantityOf(question.to, customerId)
        if (quantity === null) return []
        const cost =
          onServices === null
            ? customerCost(last, customerId).cost
            : (onServices.get(question.to)?.byCustomer.get(customerId) ?? null)
        return [
          {
            customerId,
            name: names.get(customerId) ?? customerId,
            quantity,
            cost,
            unitCost: unitCostOf(cost, quantity),
          },
        ]
      })
      .sort(
        (a, b) =>
          new Decimal(b.unitCost ?? -1).comparedTo(a.unitCost ?? -1) || a.name.localeCompare(b.name, 'en'),
      ),
    gaps,
    asOf: knownTo(session),
  }
}
