/** Builds a customer's draft invoices of a month from its prices and usage. Pure: the caller fetches and keeps. */
import { type DecimalText, integerToDecimal, sumDecimals, ZERO } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import { minorUnits } from '../money.ts'
import type { BillTo } from '../pricing/contract.ts'
import { toScaled } from '../pricing/exact.ts'
import type { CustomerCost } from '../pricing/rating.ts'
import type { MetricUsage, UsageNeed } from '../pricing/usage.ts'
import { splitExactly } from '../split.ts'
import { type GivenUsage, readerOf } from './ask.ts'
import { describeChanges, shareByDays } from './changes.ts'
import { type NewLine, type RatedContractMonth, rateAlone, rateContractMonth } from './contract-month.ts'
import type { ContractBalances, Invoice, InvoiceLine, SettlementLine } from './invoice.ts'
import { chargeIssues, type IssueInput, issue, planIssues } from './issues.ts'
import { type ChargeInMonth, needsOfPart, rateParts } from './line.ts'
import { type ContractMonth, planContractMonth } from './plan.ts'
import { closeCredits, type OpenGrant, settle } from './settle.ts'

/** One contract of a customer, or none for one that pays list prices, with all that its month needs. */
export interface ContractInput extends IssueInput {
  /** The month cut for rating, where the caller has it already. */
  readonly plan?: ContractMonth
  /** At least what {@link import('./ask.ts').usageToAskFor} lists. */
  readonly usage: readonly MetricUsage[]
  /** What the month before handed on; null where the contract begins, or hands nothing on. */
  readonly opening?: ContractBalances | null
  /** The customer's cost of the month for charges on cost; null where it is unknown. */
  readonly costOf?: (costs: 'direct' | 'direct_and_allocated') => CustomerCost
}

/** One part of what a customer is billed in a month: a contract, several of one group, or one address of a contract. */
export interface InvoiceHead {
  readonly id: string
  readonly number: string
  readonly customer: { readonly id: string; readonly name: string }
  readonly chainHead: string
  readonly asOfBatch: number
  /** The same part's latest invoice before this month that is not void. */
  readonly previousInvoice: Invoice | null
}

export interface RatedContract {
  readonly input: ContractInput
  readonly rated: RatedContractMonth
  readonly given: GivenUsage
  readonly issues: readonly Issue[]
}

/** Rates one contract's month. @throws RangeError where usage was not given, or the contract is for another card. */
export const rateContract = (input: ContractInput): RatedContract => {
  const plan = input.plan ?? planContractMonth(input)
  const given = readerOf(input.usage)
  const rated = rateContractMonth(
    plan,
    {
      metrics: input.metrics,
      timeZone: input.timeZone,
      read: given.read,
      costOf: input.costOf ?? (() => null),
    },
    input.opening ?? null,
  )
  return {
    input,
    rated,
    given,
    issues: [
      ...planIssues(input, plan, given.quantityOf),
      ...chargeIssues(input, plan, rated.charges, given.quantityOf),
      ...rated.issues,
    ],
  }
}

/** What a charge comes to for another quantity on this month's terms; null where it is not a matter of quantity. */
const rerateOf =
  ({ input, rated }: RatedContract) =>
  (charge: ChargeInMonth, quantity: DecimalText): DecimalText | null => {
    const terms = { ...input, plan: rated.plan, costOf: () => null }
    const isWhole = charge.parts.every((part) =>
      needsOfPart(part, input).every(({ cut }) => JSON.stringify({ ...cut, filters: undefined }) === '{}'),
    )
    if (charge.metric === null || !isWhole) return null
    const amountFor = (total: DecimalText): DecimalText => {
      const shared = shareByDays(total, charge.parts)
      const shares = new Map(charge.parts.map((part) => [part.segment.startMs, shared(part)]))
      const read = (need: UsageNeed): readonly MetricUsage[] => [
        {
          ...need,
          rows: [{ startMs: need.startMs, keys: [], quantity: shares.get(need.startMs) ?? ZERO, events: 1 }],
        },
      ]
      return rateAlone(
        charge,
        rateParts(charge, () => undefined, { ...terms, read }),
        rated.plan,
      ).amount
    }
    const line = rated.lines.find(
      ({ kind, chargeId, metric }) =>
        kind === 'charge' && chargeId === charge.id && metric === charge.metric?.metric,
    )
    if (line?.quantity === undefined) return null
    const known = rated.alone.get(charge)
    const alone = known === undefined ? amountFor(line.quantity) : rateAlone(charge, known, rated.plan).amount
    // Discounts on several charges, allowances and the like are of the month, not of this charge alone.
    return alone === line.amount ? amountFor(quantity) : null
  }

/** The lines of each invoice of a contract: its charges', and on the first all that is of no charge. */
const partsOf = ({
  rated,
}: RatedContract): readonly { billTo: BillTo | null; lines: readonly NewLine[] }[] => {
  const { plan, lines } = rated
  const addresses = plan.contract?.billTo ?? []
  if (addresses.length === 0) return [{ billTo: null, lines }]
  const indexOf = (line: NewLine) =>
    line.kind === 'charge'
      ? Math.max(
          0,
          addresses.findIndex(({ chargeIds }) => chargeIds.includes(line.chargeId)),
        )
      : 0
  const own = addresses.map((_, index) =>
    lines.filter((line) => line.kind === 'charge' && indexOf(line) === index),
  )
  const minor = minorUnits(plan.currency)
  const weights = own.map((each) =>
    each.reduce((sum, { amount }) => sum + (amount.startsWith('-') ? 0n : toScaled(amount, minor)), 0n),
  )
  const isShared = ({ kind }: NewLine) =>
    (kind === 'discount' || kind === 'maximum') && weights.some((weight) => weight > 0n)
  const rest = lines
    .filter(({ kind }) => kind !== 'charge')
    .map((line) => ({
      line,
      shares: isShared(line) ? splitExactly(toScaled(line.amount, minor), weights) : null,
    }))
  return addresses.flatMap((billTo, index) => {
    const others = rest.flatMap(({ line, shares }): NewLine[] => {
      if (shares === null) return index === 0 ? [line] : []
      const amount = integerToDecimal(shares[index] ?? 0n, minor)
      const [step] = line.steps
      if (amount === ZERO || step === undefined) return []
      const text = `${step.text}, shared by the invoices’ lines`
      const [listAmount, discountAmount] = line.kind === 'discount' ? [ZERO, amount] : [amount, ZERO]
      return [{ ...line, amount, listAmount, discountAmount, steps: [{ kind: step.kind, text, amount }] }]
    })
    const all = [...(own[index] ?? []), ...others]
    return index > 0 && all.length === 0 ? [] : [{ billTo, lines: all }]
  })
}

interface SettledPart {
  readonly contract: RatedContract
  readonly billTo: BillTo | null
  readonly lines: readonly NewLine[]
  readonly settlement: readonly SettlementLine[]
  readonly issues: readonly Issue[]
  readonly balances: ContractBalances | null
}

/** The parts of a contract with tax, credits and what they leave. */
const settledParts = (contract: RatedContract): readonly SettledPart[] => {
  const { rated, input } = contract
  const { plan, lastDay, closing } = rated
  let grants: readonly OpenGrant[] = rated.grants
  const parts = partsOf(contract).map(({ billTo, lines }) => {
    const settled = settle(plan, lines, grants, lastDay)
    grants = settled.grants
    return { billTo, lines, settlement: settled.lines }
  })
  const closed = closeCredits(plan, grants, input.opening ?? null, lastDay)
  const kept: ContractBalances = { ...closing, ...closed.balances }
  // A contract and a month alone hand nothing on.
  const balances = Object.keys(kept).length > 2 ? kept : null
  return parts.map(({ billTo, lines, settlement }, index) => ({
    contract,
    billTo,
    lines,
    settlement: index === 0 && closed.topUp !== null ? [...settlement, closed.topUp] : settlement,
    issues: index === 0 ? [...contract.issues, ...closed.issues] : [],
    balances,
  }))
}

/** What a month hands on to the next; null where nothing. */
export const closingOf = (contract: RatedContract): ContractBalances | null =>
  settledParts(contract)[0]?.balances ?? null

const sumOf = (lines: readonly { readonly amount: DecimalText }[]): DecimalText =>
  sumDecimals(lines.map(({ amount }) => amount))

/** One invoice of parts that go together. */
const invoiceOf = (parts: readonly SettledPart[], head: InvoiceHead): Invoice => {
  const [first] = parts
  if (first === undefined) throw new RangeError('an invoice must be of at least one contract')
  const isOfSeveral = parts.length > 1
  const lines: InvoiceLine[] = []
  const issues: Issue[] = []
  for (const part of parts) {
    const { input, rated } = part.contract
    issues.push(...part.issues)
    for (const line of part.lines) {
      const warning = rated.warnings.get(line)
      lines.push({
        line: lines.length + 1,
        ...line,
        ...(isOfSeveral && input.contract !== null ? { contractId: input.contract.id } : {}),
      })
      if (warning !== undefined) issues.push(issue('warning', 'below_commitment', warning(lines.length)))
    }
  }
  const settlement = parts.flatMap((part) => part.settlement)
  const balances = parts.flatMap((part) => part.balances ?? [])
  const contracts = parts.flatMap(({ contract }) => contract.input.contract ?? [])
  const { plan } = first.contract.rated
  const { month, currency } = plan
  const purchaseOrder = first.billTo?.purchaseOrder ?? plan.contract?.purchaseOrder
  const total = sumOf(lines)
  return {
    id: head.id,
    number: head.number,
    customerId: head.customer.id,
    customerName: head.customer.name,
    month,
    currency,
    state: 'draft',
    lines,
    total,
    rateCardId: first.contract.input.card.id,
    rateCardVersions: [
      ...new Set(
        parts.flatMap(({ contract }) => contract.rated.plan.rated.map(({ version }) => version.version)),
      ),
    ],
    contractId: contracts[0]?.id ?? null,
    chainHead: head.chainHead,
    asOfBatch: head.asOfBatch,
    issues,
    changes: describeChanges({
      previous: head.previousInvoice,
      month,
      currency,
      lines,
      rerate: (line, quantity) => {
        const part = parts.find(
          ({ contract }) => !isOfSeveral || contract.input.contract?.id === line.contractId,
        )
        const charge = part?.contract.rated.charges.find(
          ({ id, metric }) => id === line.chargeId && metric?.metric === line.metric,
        )
        return part === undefined || charge === undefined ? null : rerateOf(part.contract)(charge, quantity)
      },
    }),
    ...(settlement.length === 0 ? {} : { settlement, due: sumDecimals([total, sumOf(settlement)]) }),
    ...(plan.contract?.tax?.kind === 'stripe' ? { taxBy: 'stripe' as const } : {}),
    ...(balances.length === 0 ? {} : { balances }),
    ...(isOfSeveral ? { contractIds: contracts.map(({ id }) => id) } : {}),
    ...(plan.contract?.invoiceGroup === undefined ? {} : { invoiceGroup: plan.contract.invoiceGroup }),
    ...(first.billTo === null ? {} : { billTo: { id: first.billTo.id, name: first.billTo.name } }),
    ...(purchaseOrder === undefined ? {} : { purchaseOrder }),
    ...(first.billTo?.entity === undefined ? {} : { entity: first.billTo.entity }),
  }
}

/**
 * The invoices of a contract (one, or one for each address), or the one of several contracts that share a group.
 * @param headOf names each; the address is null where the contract has none.
 */
export const buildInvoices = (
  contracts: readonly RatedContract[],
  headOf: (billTo: BillTo | null) => InvoiceHead,
): readonly Invoice[] => {
  const parts = contracts.map(settledParts)
  const [first] = parts
  return parts.length === 1 && first !== undefined
    ? first.map((part) => invoiceOf([part], headOf(part.billTo)))
    : [invoiceOf(parts.flat(), headOf(null))]
}

export interface InvoiceInput extends ContractInput, InvoiceHead {}

/** A draft of one contract that is billed on one invoice. @throws as {@link rateContract} */
export const buildInvoice = (input: InvoiceInput): Invoice => {
  const [invoice] = buildInvoices([rateContract(input)], () => input)
  if (invoice === undefined) throw new Error('a contract has at least one invoice')
  return invoice
}
