/**
 * Rates months for many customers with one question to the cube: the draft invoices of a run, or a live preview. What a
 * month hands on (balances) comes from the invoice before it; months that were never invoiced are rated to get there.
 */
import type { Customer } from '../../contract/customers.ts'
import { usageToAskFor } from '../../domain/invoice/ask.ts'
import { handsOn } from '../../domain/invoice/balances.ts'
import { buildInvoices, closingOf, type RatedContract, rateContract } from '../../domain/invoice/build.ts'
import type { ContractBalances, Invoice, LateUsage } from '../../domain/invoice/invoice.ts'
import { chargesInMonth } from '../../domain/invoice/line.ts'
import { type ContractMonth, type PricingTerms, planContractMonth } from '../../domain/invoice/plan.ts'
import type { Metric } from '../../domain/metric.ts'
import { addMonths, type Month } from '../../domain/period.ts'
import type { Contract } from '../../domain/pricing/contract.ts'
import type { RateCard } from '../../domain/pricing/ratecard.ts'
import type { CustomerCost } from '../../domain/pricing/rating.ts'
import { currencyOf, firstMonthOf } from '../../domain/pricing/term.ts'
import type { UsageNeed } from '../../domain/pricing/usage.ts'
import {
  billsContract,
  contractsInMonth,
  groupsOf,
  openContracts,
  partIdOf,
  partKeyOf,
  partKeyOfInvoice,
} from './contract-months.ts'
import { elsewhereIssues, firstNeeds, lateByInvoice, lateIssues, lateNeed, withLate } from './late-lines.ts'
import type { TenantElsewhere } from './late-usage.ts'
import { type AnsweredQuestion, type AskUsage, usageQuestion } from './usage-asked.ts'

export interface RatingInput {
  readonly months: readonly Month[]
  readonly timeZone: string
  readonly currency: string
  readonly customers: readonly Customer[]
  readonly contracts: readonly Contract[]
  /** The versions of a contract before the one in {@link contracts}, oldest first. */
  readonly earlierOf: (contractId: string) => readonly Contract[]
  readonly cards: readonly RateCard[]
  readonly metrics: readonly Metric[]
  readonly chainHead: string
  readonly asOfBatch: number
  /** The customer's invoices as they are kept, but for void ones. */
  readonly invoicesOf: (customerId: string) => readonly Invoice[]
  /** What the customer's invoice of the month bills of earlier months (`late-usage.ts`). */
  readonly lateUsageOf: (customerId: string, month: Month) => readonly LateUsage[]
  /** Tenants of the customer whose usage of the month another customer's invoice bills, which stands. */
  readonly billedElsewhereOf: (customer: Customer, month: Month) => readonly TenantElsewhere[]
  /** The customer's cost of a month in the currency of its prices, for charges on cost. */
  readonly costOf: (
    customerId: string,
    month: Month,
    costs: 'direct' | 'direct_and_allocated',
    currency: string,
  ) => CustomerCost
  /** Whether invoices say how they differ from the month before; true unless told. */
  readonly saysChanges?: boolean
  /** Ends the rating between two customers. */
  readonly signal?: AbortSignal | undefined
  /** By tenant; whose a tenant is, `customers` says: as of then, where the rating is of a past batch. */
  readonly usage: AskUsage
}

export interface RatedMonth {
  readonly month: Month
  readonly invoices: readonly Invoice[]
  /** Customers that nothing could be rated for, and why. */
  readonly without: readonly { readonly customerId: string; readonly name: string; readonly reason: string }[]
}

/** A contract's month with what it asks for. */
interface PlannedMonth {
  readonly customer: Customer
  readonly terms: PricingTerms & { readonly contract: Contract }
  readonly plan: ContractMonth
  readonly needs: readonly UsageNeed[]
  readonly late: readonly LateUsage[]
}

const monthKey = (contractId: string, month: Month): string => `${month} ${contractId}`

/** Plans and rates contracts' months, each once. */
const ratingOf = (input: RatingInput) => {
  const cards = new Map(input.cards.map((card) => [card.id, card]))
  const question = usageQuestion()
  const planned = new Map<string, PlannedMonth>()
  const keptOf = (customerId: string, contractId: string, month: Month): Invoice | undefined =>
    input
      .invoicesOf(customerId)
      .find((invoice) => invoice.month === month && billsContract(invoice, contractId))

  const termsOf = (contract: Contract, month: Month) => {
    const card = cards.get(contract.rateCardId)
    if (card === undefined) return null
    const earlier = contract.amendment === undefined ? [] : input.earlierOf(contract.id)
    const { metrics, timeZone } = input
    return {
      card,
      contract,
      metrics,
      month,
      timeZone,
      ...(earlier.length === 0 ? {} : { earlier, otherCards: input.cards }),
    }
  }
  const planMonth = (
    customer: Customer,
    contract: Contract,
    month: Month,
    late: readonly LateUsage[],
  ): void => {
    const key = monthKey(contract.id, month)
    const terms = termsOf(contract, month)
    if (terms === null || (planned.has(key) && late.length === 0)) return
    const plan = planContractMonth(terms)
    const needs = usageToAskFor(terms, plan)
    planned.set(key, { customer, terms, plan, needs, late })
    for (const need of needs) question.ask(need)
    for (const each of late)
      for (const need of firstNeeds(needs, each.metric)) {
        const more = lateNeed(each, need, input.timeZone)
        if (more !== null) question.ask(more)
      }
  }

  /** The contract's month, and those before it back to an invoice, where it needs what they hand on. */
  const plan = (customer: Customer, contract: Contract, month: Month, late: readonly LateUsage[]): void => {
    planMonth(customer, contract, month, late)
    const terms = termsOf(contract, month)
    if (terms === null || !handsOn(terms)) return
    const first = firstMonthOf(contract)
    for (let before = addMonths(month, -1); before >= first; before = addMonths(before, -1)) {
      if (keptOf(customer.id, contract.id, before) !== undefined) break
      planMonth(customer, contract, before, [])
    }
  }

  const usageOf = ({ customer, needs, late, terms }: PlannedMonth, answered: AnsweredQuestion) => {
    const elsewhere = new Set(input.billedElsewhereOf(customer, terms.month).map(({ tenant }) => tenant))
    return needs.flatMap((need) => {
      const usages = answered.usageOf(need, customer, elsewhere)
      const own = late.filter(
        (each) => each.metric === need.metric && firstNeeds(needs, each.metric).includes(need),
      )
      return own.reduce((sum, each) => {
        const more = lateNeed(each, need, terms.timeZone)
        const rows = more === null ? null : answered.rowsAfter(more, customer.id, each.tenant)
        return sum.map((usage, index) =>
          usage.tenant === each.tenant || (usage.tenant === undefined && index === 0)
            ? withLate(usage, each, rows)
            : usage,
        )
      }, usages)
    })
  }

  const rated = new Map<string, RatedContract>()
  /** @param elsewhere metrics that other contracts of the customer price in the month. */
  const rate = (
    contract: Contract,
    month: Month,
    answered: AnsweredQuestion,
    elsewhere: ReadonlySet<string>,
  ): RatedContract | null => {
    const key = monthKey(contract.id, month)
    const known = rated.get(key)
    const own = planned.get(key)
    if (known !== undefined || own === undefined) return known ?? null
    const result = rateContract({
      ...own.terms,
      plan: own.plan,
      currency: input.currency,
      usage: usageOf(own, answered),
      opening: openingOf(own, month, answered),
      costOf: (costs) =>
        input.costOf(own.customer.id, month, costs, currencyOf(own.terms.card, own.terms.contract)),
      pricedElsewhere: elsewhere,
    })
    rated.set(key, result)
    return result
  }
  const openingOf = (
    { customer, terms }: PlannedMonth,
    month: Month,
    answered: AnsweredQuestion,
  ): ContractBalances | null => {
    const { contract } = terms
    const before = addMonths(month, -1)
    if (before < firstMonthOf(contract) || !handsOn(terms)) return null
    const kept = keptOf(customer.id, contract.id, before)
    if (kept !== undefined) return kept.balances?.find(({ contractId }) => contractId === contract.id) ?? null
    const result = rate(contract, before, answered, new Set())
    return result === null ? null : closingOf(result)
  }
  return { cards, plan, rate, termsOf, question }
}

/** Of the late usage of a month, what each contract bills: that of the metrics it is the first to price. */
const shareLate = (
  late: readonly LateUsage[],
  pricing: readonly { readonly contract: Contract; readonly prices: ReadonlySet<string> }[],
): ReadonlyMap<string, readonly LateUsage[]> =>
  Map.groupBy(
    late,
    ({ metric }) => (pricing.find(({ prices }) => prices.has(metric)) ?? pricing[0])?.contract.id ?? '',
  )

/** The latest invoice of the month before of the same part; of the customer where there is one part now and then. */
const previousOf = (kept: readonly Invoice[], month: Month, key: string, isOnly: boolean): Invoice | null => {
  const before = kept.filter((invoice) => invoice.month === addMonths(month, -1))
  const same = before.find((invoice) => partKeyOfInvoice(invoice) === key)
  return same ?? (isOnly && before.length === 1 ? (before[0] ?? null) : null)
}

/** Other calls wait no longer than this for a rating of many customers. */
const UNBROKEN_MS = 12

/** Lets other work go on where this one has had its time. @throws the signal's reason where it was aborted */
const takeTurns = (signal: AbortSignal | undefined) => {
  let since = performance.now()
  return async (): Promise<void> => {
    if (performance.now() - since < UNBROKEN_MS) return
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
    since = performance.now()
  }
}

/** A customer's month with what it asks for. */
interface CustomerMonth {
  readonly customer: Customer
  readonly contracts: readonly Contract[]
  /** Metrics by contract, where several share the month or late usage is to be shared. */
  readonly pricing: readonly { readonly contract: Contract; readonly prices: ReadonlySet<string> }[]
  readonly late: ReadonlyMap<string, readonly LateUsage[]>
}

type Rating = ReturnType<typeof ratingOf>

/** Asks for what the customer's month needs; or says why nothing can be rated. */
const planCustomer = (
  input: RatingInput,
  { cards, plan, termsOf }: Rating,
  customer: Customer,
  own: readonly Contract[],
  month: Month,
): CustomerMonth | string => {
  const contracts = contractsInMonth(own, customer.id, month)
  const lacking = contracts.find(({ rateCardId }) => !cards.has(rateCardId))
  if (lacking !== undefined)
    return `Its contract names the rate card ${lacking.rateCardId}, which does not exist. Assign another.`
  if (contracts.length === 0)
    return 'No rate card is assigned for this month. Assign one on the customer’s page.'
  const kept = input.invoicesOf(customer.id).filter((invoice) => invoice.month === month)
  const open = openContracts(contracts, kept)
  const late = input.lateUsageOf(customer.id, month)
  const pricing =
    open.length <= 1 && late.length === 0
      ? []
      : open.map((contract) => {
          const terms = termsOf(contract, month)
          const charges = terms === null ? [] : chargesInMonth(planContractMonth(terms), input.metrics)
          return { contract, prices: new Set(charges.flatMap(({ prices }) => prices)) }
        })
  const shared = shareLate(late, pricing)
  for (const contract of open) plan(customer, contract, month, shared.get(contract.id) ?? [])
  return { customer, contracts: open, pricing, late: shared }
}

const invoicesOfCustomer = (
  input: RatingInput,
  { rate }: Rating,
  { customer, contracts, pricing, late: shared }: CustomerMonth,
  month: Month,
  answered: AnsweredQuestion,
): readonly Invoice[] => {
  const kept = input.invoicesOf(customer.id)
  const keptNow = kept.filter((invoice) => invoice.month === month)
  const groups = groupsOf(contracts)
  return groups.flatMap((group) => {
    const results = group.flatMap((contract) => {
      const others = pricing.filter((each) => each.contract.id !== contract.id)
      const elsewhere = new Set(others.flatMap(({ prices }) => [...prices]))
      return rate(contract, month, answered, elsewhere) ?? []
    })
    const [first] = group
    const isOnly = groups.length === 1 && (group.length > 1 || (first?.billTo ?? []).length === 0)
    const late = group.flatMap(({ id }) => shared.get(id) ?? [])
    const invoices = buildInvoices(results, (billTo) => {
      const key = partKeyOf(group, billTo)
      const id = partIdOf(month, customer.id, key, isOnly, keptNow)
      return {
        id,
        number: `${month.replace('-', '')}-${id.slice(month.length + 1)}`,
        customer: { id: customer.id, name: customer.name },
        chainHead: input.chainHead,
        asOfBatch: input.asOfBatch,
        previousInvoice: input.saysChanges === false ? null : previousOf(kept, month, key, isOnly),
      }
    })
    const elsewhere = input.billedElsewhereOf(customer, month)
    const issues = elsewhereIssues(elsewhere, month)
    const tenantsElsewhere = elsewhere.map(({ tenant }) => tenant)
    const lateOf = lateByInvoice(late, invoices)
    return invoices.map((invoice, index): Invoice => {
      const own = tenantsElsewhere.length === 0 ? invoice : { ...invoice, tenantsElsewhere }
      const added = lateOf.get(index) ?? []
      const said = [...(index > 0 ? [] : issues), ...lateIssues(added, input.metrics)]
      return said.length === 0
        ? own
        : { ...own, ...(added.length === 0 ? {} : { late: added }), issues: [...invoice.issues, ...said] }
    })
  })
}

/**
 * Drafts for every customer with a contract in the month. A customer without usage still gets its flat fees and
 * commitment. Quantities are those of all the customer's tenants.
 */
export const rateMonths = async (input: RatingInput): Promise<readonly RatedMonth[]> => {
  const rating = ratingOf(input)
  const takeTurn = takeTurns(input.signal)
  const byCustomer = Map.groupBy(input.contracts, ({ customerId }) => customerId)
  const planned: { month: Month; customers: CustomerMonth[]; without: RatedMonth['without'][number][] }[] = []
  for (const month of input.months) {
    const each = { month, customers: [] as CustomerMonth[], without: [] as RatedMonth['without'][number][] }
    for (const customer of input.customers) {
      const found = planCustomer(input, rating, customer, byCustomer.get(customer.id) ?? [], month)
      if (typeof found === 'string')
        each.without.push({ customerId: customer.id, name: customer.name, reason: found })
      else each.customers.push(found)
      await takeTurn()
    }
    planned.push(each)
  }
  const answered = await rating.question.answer(input.usage, input.customers)
  const rated: RatedMonth[] = []
  for (const { month, customers, without } of planned) {
    const invoices: Invoice[] = []
    for (const customer of customers) {
      invoices.push(...invoicesOfCustomer(input, rating, customer, month, answered))
      await takeTurn()
    }
    rated.push({ month, without, invoices })
  }
  return rated
}
