/** What the close screen types and says, without the screen. */
import type { InferContractRouterOutputs } from '@orpc/contract'
import type { Contract } from '../../../contract/contract.ts'
import {
  type DecimalText,
  decimalsOf,
  negateDecimal,
  parseDecimal,
  sumDecimals,
  ZERO,
} from '../../../domain/decimal.ts'
import { formatMinor, minorUnits } from '../../../domain/money.ts'

type Outputs = InferContractRouterOutputs<Contract>
export type MonthState = Outputs['reconcile']['month']
export type CloseCheck = MonthState['checks'][number]
export type BillRow = MonthState['bills'][number]
export type Arrivals = Outputs['sources']['arrivals']
export type DayState = Arrivals['sources'][number]['days'][number]['state']

export type TypedTotal =
  | { readonly ok: true; readonly total: DecimalText | null }
  | { readonly ok: false; readonly sentence: string }

/** Thousands may be grouped by commas or spaces, as bills are printed and copied. */
const GROUPED = /^[+-]?\d{1,3}(?:([, \u00a0\u202f])\d{3})(?:\1\d{3})*(?:\.\d*)?$/

/**
 * Reads the total typed from a bill: `148215.2`, `148,215.20`, `1 204.5`; nothing typed takes the total back.
 * A comma as decimal point is refused rather than guessed.
 */
export const readTypedTotal = (typed: string): TypedTotal => {
  const text = typed.trim().replace(/^[−–]/, '-')
  if (text === '') return { ok: true, total: null }
  const total = parseDecimal(GROUPED.test(text) ? text.replace(/[, \u00a0\u202f]/g, '') : text)
  return total === null
    ? {
        ok: false,
        sentence: `“${typed.trim()}” is no amount. Type it like 148215.20, with a point before the cents.`,
      }
    : { ok: true, total }
}

/** A total as it is typed: every decimal of the currency's minor unit, and more where it has them. */
export const printedTotal = (total: DecimalText, currency: string): string =>
  decimalsOf(total) > minorUnits(currency) ? total : formatMinor(total, currency)

/** What attributed and unattributed lack to the ledger's total; zero where the identity holds. */
export const identityGap = (
  bill: Pick<BillRow, 'attributed' | 'unattributed' | 'ledgerBilled'>,
): DecimalText =>
  sumDecimals([bill.ledgerBilled, negateDecimal(bill.attributed), negateDecimal(bill.unattributed)])

export const identityHolds = (bill: Parameters<typeof identityGap>[0]): boolean => identityGap(bill) === ZERO

export const CHECK_WORDS = {
  passed: 'Passed',
  open: 'Open',
  not_applicable: 'Not applicable',
} as const satisfies Record<CloseCheck['state'], string>

/** Checks that keep the month from being locked without a reason. */
export const blockingChecks = (checks: readonly CloseCheck[]): readonly CloseCheck[] =>
  checks.filter((check) => check.blocking && check.state === 'open')

/** "5 of 7 checks passed, 1 open, 1 not applicable". */
export const progressWords = (checks: readonly CloseCheck[]): string => {
  const counts = Map.groupBy(checks, (check) => check.state)
  const of = (state: CloseCheck['state']) => counts.get(state)?.length ?? 0
  return [
    `${of('passed')} of ${checks.length} checks passed`,
    ...(of('open') > 0 ? [`${of('open')} open`] : []),
    ...(of('not_applicable') > 0 ? [`${of('not_applicable')} not applicable`] : []),
  ].join(', ')
}

/** The sign and the words of a day in the calendar; the sign is never told by its colour alone. */
export const DAYS = {
  arrived: { sign: '●', word: 'arrived' },
  late: { sign: '◐', word: 'late, in part' },
  missing: { sign: '✕', word: 'missing' },
  ahead: { sign: '▷', word: 'still ahead' },
  none: { sign: '·', word: 'nothing expected' },
} as const satisfies Record<DayState, { sign: string; word: string }>
