/**
 * What one contract's month comes to: its lines and what it hands on. The order of operations is stated in
 * docs/pricing/README.md; each step is a file of this room. Pure: the caller fetches usage and keeps the result.
 */
import { type DecimalText, less, negateDecimal, sumDecimals, ZERO } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import { roundToMinor } from '../money.ts'
import { addDays, addMonths } from '../period.ts'
import { readableQuantity } from '../pricing/format.ts'
import type { RatedCharge } from '../pricing/rating.ts'
import { isOnUsageTrial, openAllowances, openTrialUnits } from './allowances.ts'
import { boundInvoice, boundLine } from './bounds.ts'
import { commit } from './commitments.ts'
import { holdsOn, isInScope, takeDiscount } from './discounts.ts'
import type { ContractBalances, InvoiceLine } from './invoice.ts'
import {
  type ChargeInMonth,
  chargesInMonth,
  type DraftLine,
  discounted,
  draftLine,
  type LineTerms,
  rateParts,
  roundingStep,
} from './line.ts'
import { openLongWindows } from './long-windows.ts'
import type { ContractMonth } from './plan.ts'
import { type OpenGrant, openGrants } from './settle.ts'

export type NewLine = Omit<InvoiceLine, 'line'>

export interface RatedContractMonth {
  readonly plan: ContractMonth
  readonly charges: readonly ChargeInMonth[]
  /**
   * What charges that are rated in one part and take no units of an allowance or trial came to: what they would come to
   * by themselves.
   */
  readonly alone: ReadonlyMap<ChargeInMonth, readonly RatedCharge[]>
  /** Charges, discounts and bounds of the invoice, overage, true-ups: what adds up to net revenue. */
  readonly lines: readonly NewLine[]
  /** By true-up: the warning, once the line has its number. */
  readonly warnings: ReadonlyMap<NewLine, (line: number) => string>
  readonly issues: readonly Issue[]
  /** As the month finds them, for the invoices to draw on. */
  readonly grants: readonly OpenGrant[]
  /** The service month's last day. */
  readonly lastDay: string
  /** All but credits, which are known once the invoices are settled. */
  readonly closing: Omit<ContractBalances, 'credits' | 'topUps'>
}

/** What is no sum, in a month that is all on trial: its line is taken off, and no included units with it. */
const isLeftOut = ({ isCut, parts }: ChargeInMonth): boolean =>
  !isCut && parts.every(({ segment }) => segment.free === 'trial')

/** Rates the charges in their order, for pools; with what the month's allowances and trial hand on. */
const rateCharges = (
  charges: readonly ChargeInMonth[],
  terms: LineTerms,
  opening: ContractBalances | null,
) => {
  const { plan } = terms
  const allowances = openAllowances(plan, opening)
  const left = openTrialUnits(plan, opening)
  const windows = openLongWindows(plan, opening)
  const alone = new Map<ChargeInMonth, readonly RatedCharge[]>()
  const rated = charges.map((charge): readonly RatedCharge[] => {
    const units = left.get(charge.id) ?? ZERO
    const onTrial = { ...charge, parts: charge.parts.filter(isOnUsageTrial) }
    const free =
      units === ZERO || onTrial.parts.length === 0
        ? ZERO
        : sumDecimals(rateParts(onTrial, () => units, terms).map(({ includedUsed }) => includedUsed))
    let takesUnits = false
    const parts = rateParts(
      charge,
      (part) => {
        const left = allowances.leftFor(part)
        // On trial days all units stand ready, so that a reversal costs as little as what it reverses did.
        const given = isOnUsageTrial(part) ? units : free
        if (left === undefined && given === ZERO) return undefined
        takesUnits = true
        return sumDecimals([left ?? ZERO, given])
      },
      terms,
      windows.billedBefore,
    )
    windows.add(charge, parts)
    const isOfMonth = parts.every(({ netBilled }) => netBilled === undefined)
    if (!takesUnits && parts.length === 1 && isOfMonth) alone.set(charge, parts)
    const used = sumDecimals([...parts.map(({ includedUsed }) => includedUsed), negateDecimal(free)])
    allowances.take(charge, isLeftOut(charge) ? ZERO : used)
    if (left.has(charge.id)) left.set(charge.id, less(units, free))
    return parts
  })
  const trial = [...left].map(([chargeId, units]) => ({ chargeId, left: units }))
  return {
    rated,
    alone,
    closing: { ...allowances.close(), ...windows.close(), ...(trial.length === 0 ? {} : { trial }) },
  }
}

/** The list's discounts on charges, in their order; with what those that are limited have taken. */
const withDiscounts = (
  drafts: readonly DraftLine[],
  plan: ContractMonth,
  taken: Map<string, DecimalText>,
): readonly DraftLine[] => {
  const { contract, currency, rounding, month } = plan
  const firstDay = plan.rated[0]?.startDay ?? `${month}-01`
  return (contract?.discounts ?? []).reduce((lines, discount) => {
    const { on } = discount
    if (on.kind !== 'charges' || !holdsOn(discount, firstDay)) return lines
    const inScope = lines.filter(({ charge }) => isInScope(on.chargeIds, charge.id))
    const takenBefore = taken.get(discount.id) ?? ZERO
    const { takes, text } = takeDiscount(
      discount,
      inScope.map(({ left }) => left),
      { currency, rounding, takenBefore },
    )
    taken.set(discount.id, sumDecimals([takenBefore, ...takes]))
    const by = new Map(inScope.map((line, index) => [line, negateDecimal(takes[index] ?? ZERO)]))
    return lines.map((line) => discounted(line, by.get(line) ?? ZERO, text))
  }, drafts)
}

const invoiceDiscounts = (
  lines: readonly NewLine[],
  plan: ContractMonth,
  taken: Map<string, DecimalText>,
): readonly NewLine[] => {
  const { contract, currency, rounding, month } = plan
  const firstDay = plan.rated[0]?.startDay ?? `${month}-01`
  const all = [...lines]
  for (const discount of contract?.discounts ?? []) {
    if (discount.on.kind !== 'invoice' || !holdsOn(discount, firstDay)) continue
    const takenBefore = taken.get(discount.id) ?? ZERO
    const sum = sumDecimals(all.map(({ amount }) => amount))
    const { takes, text } = takeDiscount(discount, [sum], { currency, rounding, takenBefore })
    const take = takes[0] ?? ZERO
    taken.set(discount.id, sumDecimals([takenBefore, take]))
    if (take === ZERO) continue
    const amount = negateDecimal(take)
    all.push({
      kind: 'discount',
      chargeId: discount.id,
      description: discount.name,
      listAmount: ZERO,
      discountAmount: amount,
      amount,
      steps: [{ kind: 'discount', text, amount }],
    })
  }
  return all
}

const isWeighted = ({ parts }: ChargeInMonth): boolean =>
  parts.some(({ charge }) => charge.kind === 'seat' || charge.kind === 'time_weighted')

const lineOf = (draft: DraftLine, { currency, rounding }: ContractMonth): NewLine => {
  const { charge, quantity, left } = draft
  const step = roundingStep(left, currency, rounding)
  return {
    kind: 'charge',
    chargeId: charge.id,
    description: charge.name,
    ...(charge.metric === null || quantity === null
      ? {}
      : {
          metric: charge.metric.metric,
          quantity: isWeighted(charge) ? readableQuantity(quantity) : quantity,
        }),
    listAmount: draft.listAmount,
    discountAmount: draft.discountAmount,
    ...(draft.boundsAmount === ZERO ? {} : { boundsAmount: draft.boundsAmount }),
    amount: roundToMinor(left, currency, rounding),
    steps: [...draft.steps, ...(step === null ? [] : [step])],
  }
}

/** A charge with the contract's percentages and its bounds, but none of the list's discounts: for what-if questions. */
export const rateAlone = (
  charge: ChargeInMonth,
  rated: readonly RatedCharge[],
  plan: ContractMonth,
): NewLine => {
  const bound = (line: DraftLine) => boundLine(line, plan)
  const draft = draftLine(charge, rated, plan, bound)
  return lineOf(plan.settings.boundsApply === 'before_discounts' ? draft : bound(draft), plan)
}

/** @throws RangeError where usage that a charge needs was not given. */
export const rateContractMonth = (
  plan: ContractMonth,
  terms: Omit<LineTerms, 'plan'>,
  opening: ContractBalances | null,
): RatedContractMonth => {
  const charges = chargesInMonth(plan, terms.metrics)
  const { rated, alone, closing } = rateCharges(charges, { ...terms, plan }, opening)
  const bound = (line: DraftLine) => boundLine(line, plan)
  const isBefore = plan.settings.boundsApply === 'before_discounts'
  const list = charges.map((charge, index) => draftLine(charge, rated[index] ?? [], plan, bound))
  const taken = new Map((opening?.discounts ?? []).map((each) => [each.id, each.taken]))
  const drafts = withDiscounts(list, plan, taken).map((line) => (isBefore ? line : bound(line)))
  const ofCharges = drafts.map((draft) => lineOf(draft, plan))
  const afterDiscounts = invoiceDiscounts(ofCharges, plan, taken)
  const lines = [
    ...afterDiscounts,
    ...boundInvoice(plan, sumDecimals(afterDiscounts.map(({ amount }) => amount))),
  ]
  const committed = commit(plan, lines, opening)
  const limited = (plan.contract?.discounts ?? []).filter(({ maximumInAll }) => maximumInAll !== undefined)
  const discounts = limited.map(({ id }) => ({ id, taken: taken.get(id) ?? ZERO }))
  return {
    plan,
    charges,
    alone,
    lines: [...lines, ...committed.lines],
    warnings: committed.warnings,
    issues: drafts.flatMap(({ issues }) => issues),
    grants: openGrants(plan.contract, opening),
    lastDay: addDays(`${addMonths(plan.month, 1)}-01`, -1),
    closing: {
      contractId: plan.contract?.id ?? '',
      month: plan.month,
      ...closing,
      ...(committed.commitments.length === 0 ? {} : { commitments: committed.commitments }),
      ...(discounts.length === 0 ? {} : { discounts }),
    },
  }
}
