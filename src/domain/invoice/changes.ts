/**
 * Why an invoice differs from the one before, in words. A line's change is split into price and volume:
 *   price  = what last month's quantity would cost on this month's terms, less what it did cost;
 *   volume = all the rest, that is what the difference in quantity costs on this month's terms.
 * The two add up to the change exactly. Without a new price the whole change is volume, tiers included.
 */
import {
  Decimal,
  type DecimalText,
  decimalsOf,
  integerToDecimal,
  less,
  negateDecimal,
  ZERO,
} from '../decimal.ts'
import { addMonths, monthName } from '../period.ts'
import { toScaled } from '../pricing/exact.ts'
import { formatSignedAmount, formatSignedPercent, groupDigits } from '../pricing/format.ts'
import { splitExactly } from '../split.ts'
import type { Invoice, InvoiceLine } from './invoice.ts'
import type { ChargePart } from './plan.ts'

/** Decimals added to a quantity before it is shared out among the parts of a month with a version change. */
const SHARED_DECIMALS = 6

/** Last month's quantity over this month's parts, by their days; the parts add up to it. */
export const shareByDays = (
  quantity: DecimalText,
  parts: readonly ChargePart[],
): ((part: ChargePart) => DecimalText) => {
  const scale = decimalsOf(quantity) + SHARED_DECIMALS
  const weights = parts.map((part) => BigInt(part.segment.days))
  const shares = splitExactly(toScaled(quantity, scale), weights)
  return (part) => integerToDecimal(shares[parts.indexOf(part)] ?? 0n, scale)
}

const volumeWords = (before: DecimalText, now: DecimalText): string =>
  new Decimal(before).gt(0)
    ? `${formatSignedPercent(new Decimal(now).minus(before).times(100).div(before))} volume`
    : `volume from ${groupDigits(before)} to ${groupDigits(now)}`

const shareWords = (word: string, before: DecimalText, now: DecimalText): string =>
  new Decimal(before).gt(0)
    ? `${word} ${formatSignedPercent(new Decimal(now).minus(before).times(100).div(before))}`
    : word

export const lineKey = (line: Pick<InvoiceLine, 'kind' | 'chargeId' | 'metric' | 'contractId'>): string =>
  JSON.stringify([line.kind, line.chargeId, line.metric ?? null, line.contractId ?? null])

/** The sentence of a line whose amount is another; null where a new one comes to nothing. */
const lineChange = (
  before: InvoiceLine | undefined,
  line: InvoiceLine,
  repriced: DecimalText | null,
  currency: string,
): string | null => {
  const signed = (amount: DecimalText) => formatSignedAmount(amount, currency)
  if (before === undefined)
    return line.amount === ZERO ? null : `${line.description}: new (${signed(line.amount)})`
  const change = less(line.amount, before.amount)
  if (repriced === null || before.quantity === undefined || line.quantity === undefined) {
    if (line.kind !== 'charge') return `${line.description} (${signed(change)})`
    const prorated = line.steps.some((step) => step.kind === 'proration') ? ', prorated' : ''
    const word = line.quantity === undefined ? 'fee' : 'amount'
    return `${line.description}: ${shareWords(word, before.amount, line.amount)}${prorated} (${signed(change)})`
  }
  const price = less(repriced, before.amount)
  const volume = less(change, price)
  const words = [
    ...(volume === ZERO ? [] : [`${volumeWords(before.quantity, line.quantity)} (${signed(volume)})`]),
    ...(price === ZERO ? [] : [`${shareWords('price', before.amount, repriced)} (${signed(price)})`]),
  ]
  return `${line.description}: ${words.join(', ')}`
}

/**
 * The words of {@link Invoice.changes}.
 * @param rerate what a line comes to on this month's terms for last month's quantity; null where that cannot be said.
 */
export const describeChanges = (input: {
  readonly previous: Invoice | null
  readonly month: Invoice['month']
  readonly currency: string
  readonly lines: readonly InvoiceLine[]
  readonly rerate: (line: InvoiceLine, quantity: DecimalText) => DecimalText | null
}): readonly string[] => {
  const { previous, month, currency, lines, rerate } = input
  if (previous === null) return ['first invoice']
  if (previous.currency !== currency)
    return [`not compared: the invoice of ${monthName(previous.month)} is in ${previous.currency}`]
  const earlier = new Map(previous.lines.map((line) => [lineKey(line), line]))
  const now = new Set(lines.map(lineKey))
  const changed = lines.flatMap((line) => {
    const before = earlier.get(lineKey(line))
    if (before?.amount === line.amount) return []
    const repriced =
      before?.quantity !== undefined && line.kind === 'charge' ? rerate(line, before.quantity) : null
    return lineChange(before, line, repriced, currency) ?? []
  })
  const gone = previous.lines
    .filter((line) => !now.has(lineKey(line)) && line.amount !== ZERO)
    .map(
      (line) =>
        `${line.description}: no longer charged (${formatSignedAmount(negateDecimal(line.amount), currency)})`,
    )
  const words = [...changed, ...gone]
  const reference =
    previous.month === addMonths(month, -1) ? [] : [`compared with ${monthName(previous.month)}`]
  return [...reference, ...(words.length === 0 ? ['unchanged'] : words)]
}
