/** Counts and control totals: what a batch did, and the exact sums by which ledger, file and cube are compared. */
import { canonicalJson, type Json } from '../../domain/canonical.ts'
import { costFromUnits, costToUnits, type DecimalText } from '../../domain/decimal.ts'

/**
 * What became of a batch's records: `rows` = `new` + `duplicate` + `conflict` + `quarantined` + `ignored`.
 * `restated` is how many of the new ones had been reversed before and came back.
 */
export interface BatchCounts {
  /** Records read. */
  rows: number
  new: number
  duplicate: number
  conflict: number
  quarantined: number
  /** Records that say nothing and need no attention, such as a comment of the format. */
  ignored: number
  reversed: number
  restated: number
  documents: number
  /** Quarantined records replayed or dismissed. */
  answered: number
}

export const noCounts = (): BatchCounts => ({
  rows: 0,
  new: 0,
  duplicate: 0,
  conflict: 0,
  quarantined: 0,
  ignored: 0,
  reversed: 0,
  restated: 0,
  documents: 0,
  answered: 0,
})

/** Sums over all entries, reversals included (they count as entries and take their amounts off). */
export interface UsageControl {
  events: number
  /** An integer at the measure's scale; may be larger than any one entry can be. */
  quantity: bigint
}
export interface CostControl {
  entries: number
  /** At 18 decimals. */
  billed: bigint
  /** At 18 decimals; an entry without an effective cost adds nothing. */
  effective: bigint
}

export interface Control {
  /** By measure number. */
  readonly usage: Map<number, UsageControl>
  /** By currency. */
  readonly cost: Map<string, CostControl>
}

export const noControl = (): Control => ({ usage: new Map(), cost: new Map() })

export const addUsage = (control: Control, measureNo: number, events: number, quantity: bigint): void => {
  const sum = control.usage.get(measureNo)
  if (sum === undefined) control.usage.set(measureNo, { events, quantity })
  else {
    sum.events += events
    sum.quantity += quantity
  }
}

export const addCost = (
  control: Control,
  currency: string,
  entries: number,
  billed: bigint,
  effective: bigint,
): void => {
  const sum = control.cost.get(currency)
  if (sum === undefined) control.cost.set(currency, { entries, billed, effective })
  else {
    sum.entries += entries
    sum.billed += billed
    sum.effective += effective
  }
}

/** Adds the second to the first. */
export const addControl = (control: Control, other: Control): void => {
  for (const [measureNo, sum] of other.usage) addUsage(control, measureNo, sum.events, sum.quantity)
  for (const [currency, sum] of other.cost) addCost(control, currency, sum.entries, sum.billed, sum.effective)
}

/** The text kept in `batch.control`: quantities and amounts as decimal text, keys sorted. */
export const controlText = (control: Control): string =>
  canonicalJson({
    usage: Object.fromEntries(
      [...control.usage].map(([no, sum]): [string, Json] => [
        String(no),
        { events: sum.events, quantity: sum.quantity.toString() },
      ]),
    ),
    cost: Object.fromEntries(
      [...control.cost].map(([currency, sum]): [string, Json] => [
        currency,
        { entries: sum.entries, billed: costFromUnits(sum.billed), effective: costFromUnits(sum.effective) },
      ]),
    ),
  })

interface ControlJson {
  readonly usage: Readonly<Record<string, { readonly events: number; readonly quantity: string }>>
  readonly cost: Readonly<
    Record<
      string,
      { readonly entries: number; readonly billed: DecimalText; readonly effective: DecimalText }
    >
  >
}

/** The inverse of {@link controlText}. */
export const parseControl = (text: string): Control => {
  const json = JSON.parse(text) as ControlJson
  const control = noControl()
  for (const [no, sum] of Object.entries(json.usage))
    addUsage(control, Number(no), sum.events, BigInt(sum.quantity))
  for (const [currency, sum] of Object.entries(json.cost))
    addCost(control, currency, sum.entries, costToUnits(sum.billed), costToUnits(sum.effective))
  return control
}

export const parseCounts = (text: string): BatchCounts => JSON.parse(text) as BatchCounts
