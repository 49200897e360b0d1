/** The waterfall of one customer's month: list revenue, discounts, net, direct cost by service, allocated cost, margin. */
import type { z } from 'zod'
import type { CostBasis, waterfall } from '../../../contract/cost.ts'
import { describeStep } from '../../../domain/allocation/describe.ts'
import { customerRecipient } from '../../../domain/allocation/plan.ts'
import { describeRule } from '../../../domain/attribution/describe.ts'
import { Decimal, type DecimalText, negateDecimal, sumDecimals, ZERO } from '../../../domain/decimal.ts'
import type { LineKind } from '../../../domain/invoice/invoice.ts'
import { marginOf } from '../../../domain/margin.ts'
import type { Month } from '../../../domain/period.ts'
import { groupDigits } from '../../../domain/pricing/format.ts'
import { knownTo } from '../past.ts'
import { notFound } from '../refusals.ts'
import { customersOf, metricsOf, type Session } from '../session.ts'
import { amountIn } from './cost-basis.ts'
import { customerCost } from './margin.ts'
import { costOf } from './month-cost.ts'
import { revenueOf } from './revenue.ts'

/** From list revenue to margin, with the rules that put each cost there. @throws NOT_FOUND */
export const waterfallOf = async (
  session: Session,
  customerId: string,
  month: Month,
  options: { readonly basis?: CostBasis | undefined } = {},
) => {
  const settings = session.settings()
  const customer = customersOf(session).find(({ id }) => id === customerId)
  if (customer === undefined) throw notFound(`There is no customer ${customerId}.`)
  const revenue = (await revenueOf(session, [month])).get(month)?.byCustomer.get(customerId) ?? null
  const services = await session.cube.costSlice({
    months: [month],
    grain: 'total',
    currency: settings.currency,
    groupBy: ['service', 'rule'],
    filters: [
      { field: 'customer', values: [customerId] },
      { field: 'pool', values: [null] },
    ],
  })
  const basis = options.basis ?? settings.costBasis
  const whole = (await costOf(session, [month], { basis })).get(month)
  const rules = new Map((session.one('rules', 'rules')?.content.rules ?? []).map((rule) => [rule.id, rule]))
  const byService = new Map<string, { amount: DecimalText; rules: string[] }>()
  for (const row of services.rows) {
    const service = row.keys[0] ?? 'no service named'
    const rule = row.keys[1] === null || row.keys[1] === undefined ? undefined : rules.get(row.keys[1])
    const amount = amountIn(row, basis)
    if (amount === null) continue
    const before = byService.get(service)
    byService.set(service, {
      amount: sumDecimals([before?.amount ?? ZERO, amount]),
      rules: [
        ...(before?.rules ?? []),
        ...(rule === undefined ? [] : [`${rule.name}: ${describeRule(rule)}`]),
      ],
    })
  }
  const step = (
    key: string,
    label: string,
    kind: z.output<typeof waterfall>['steps'][number]['kind'],
    amount: DecimalText,
    ruleWords: string[] = [],
  ) => ({ key, label, kind, amount, rules: ruleWords })
  const steps: ReturnType<typeof step>[] = []
  if (revenue !== null && revenue.total !== null) {
    const lines = revenue.parts.flatMap(({ invoice }) =>
      invoice.currency === settings.currency ? invoice.lines : [],
    )
    const charges = lines.filter(({ kind }) => kind === 'charge')
    const list = sumDecimals(charges.map((line) => line.listAmount))
    const ofLines = sumDecimals(charges.map((line) => line.discountAmount))
    const bounds = sumDecimals(charges.map((line) => line.boundsAmount ?? ZERO))
    const net = sumDecimals(charges.map((line) => line.amount))
    const rounding = sumDecimals([net, ...[list, ofLines, bounds].map(negateDecimal)])
    const sumOf = (...kinds: readonly LineKind[]) =>
      sumDecimals(lines.filter(({ kind }) => kinds.includes(kind)).map((line) => line.amount))
    const discounts = sumDecimals([ofLines, sumOf('discount')])
    const minimums = sumDecimals([bounds, sumOf('minimum', 'maximum')])
    const overage = sumOf('overage')
    const trueUp = sumOf('true_up')
    steps.push(step('list', 'List revenue', 'list', list))
    if (discounts !== ZERO) steps.push(step('discount', 'Discounts', 'discount', discounts))
    if (rounding !== ZERO) steps.push(step('rounding', 'Rounding', 'rounding', rounding))
    if (minimums !== ZERO) steps.push(step('bounds', 'Minimums and maximums', 'true_up', minimums))
    if (overage !== ZERO) steps.push(step('overage', 'Overage beyond commitments', 'true_up', overage))
    if (trueUp !== ZERO) steps.push(step('true_up', 'Commitment true-up', 'true_up', trueUp))
    steps.push(step('net', 'Net revenue', 'net', revenue.total))
  }
  const services_ = [...byService].sort((a, b) => new Decimal(b[1].amount).comparedTo(a[1].amount))
  for (const [service, { amount, rules: words }] of services_)
    steps.push(step(`cost:${service}`, service, 'cost', negateDecimal(amount), [...new Set(words)]))
  const metricNames = new Map(metricsOf(session).map(({ metric, name }) => [metric, name]))
  for (const result of whole?.steps ?? []) {
    const own = result.shares.find(({ recipient }) => recipient === customerRecipient(customerId))
    const planned = whole?.plan?.steps.find(({ id }) => id === result.stepId)
    if (own === undefined || planned === undefined || own.amount === ZERO) continue
    const words = describeStep(planned, (metric) => metricNames.get(metric) ?? metric)
    steps.push(
      step(`allocated:${planned.id}`, planned.name, 'allocated', negateDecimal(own.amount), [
        `${planned.name}: ${words} Its share is ${groupDigits(own.weight)} of ${groupDigits(result.weights)}.`,
      ]),
    )
  }
  const { cost } = customerCost(whole, customerId)
  const { margin } = marginOf(revenue?.total ?? null, cost)
  if (margin !== null) steps.push(step('margin', 'Margin', 'margin', margin))
  return {
    customerId,
    name: customer.name,
    month,
    currency: settings.currency,
    basis,
    steps,
    asOf: knownTo(session),
  }
}
