/** A scenario while it is being typed: text as typed, read into terms on every key and every move of a slider. */

import type { BaselineMonth, DealTerms, Scenario } from '../../../domain/deal/deal.ts'
import { Decimal, type DecimalText, integerToDecimal, parseDecimal } from '../../../domain/decimal.ts'

export interface TermsDraft {
  readonly rateCardId: string
  /** Percent. */
  readonly discount: string
  /** Amount a month; empty for none. */
  readonly commitment: string
  /** Percent a month. */
  readonly growth: string
  readonly termMonths: string
  /** `YYYY-MM`; a deal starts on the first of a month. */
  readonly startMonth: string
  /** Percent by charge id; empty where the overall discount holds. */
  readonly chargeDiscounts: Readonly<Record<string, string>>
}

export interface ScenarioDraft {
  readonly name: string
  readonly terms: TermsDraft
}

/** What is wrong, by field; `charge:<id>` for a charge's own discount. */
export type TermFaults = Readonly<Record<string, string>>

export const TERM_MONTHS_MAX = 60

export const fromTerms = (terms: DealTerms): TermsDraft => ({
  rateCardId: terms.rateCardId,
  discount: terms.discountPercent,
  commitment: terms.monthlyCommitment ?? '',
  growth: terms.monthlyGrowthPercent,
  termMonths: String(terms.termMonths),
  startMonth: terms.startDay.slice(0, 7),
  chargeDiscounts: terms.chargeDiscounts,
})

const readPercent = (text: string): DecimalText | null => {
  const value = parseDecimal(text)
  return value !== null && new Decimal(value).gte(0) && new Decimal(value).lte(100) ? value : null
}

const PERCENT_FAULT = 'Write a percentage from 0 to 100, like 12.5.'

/** The terms, or null with a sentence for each field that cannot be read. */
export const readTerms = (
  draft: TermsDraft,
): { readonly terms: DealTerms | null; readonly faults: TermFaults } => {
  const faults: Record<string, string> = {}
  const discountPercent = readPercent(draft.discount)
  if (discountPercent === null) faults.discount = PERCENT_FAULT
  const commitment = draft.commitment.trim() === '' ? null : parseDecimal(draft.commitment)
  if (draft.commitment.trim() !== '' && (commitment === null || new Decimal(commitment).isNegative()))
    faults.commitment = 'Write an amount, like 40000, or leave it empty.'
  const monthlyGrowthPercent = parseDecimal(draft.growth)
  if (monthlyGrowthPercent === null || new Decimal(monthlyGrowthPercent).lte(-100))
    faults.growth = 'Write a percentage above −100, like 2 or -1.5.'
  const termMonths = /^\d{1,3}$/.test(draft.termMonths.trim()) ? Number(draft.termMonths) : 0
  if (termMonths < 1 || termMonths > TERM_MONTHS_MAX)
    faults.termMonths = `Write 1 to ${TERM_MONTHS_MAX} months.`
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(draft.startMonth)) faults.startMonth = 'Choose the first month.'
  if (draft.rateCardId === '') faults.rateCardId = 'Choose a rate card.'
  const chargeDiscounts: Record<string, DecimalText> = {}
  for (const [chargeId, text] of Object.entries(draft.chargeDiscounts)) {
    if (text.trim() === '') continue
    const percent = readPercent(text)
    if (percent === null) faults[`charge:${chargeId}`] = PERCENT_FAULT
    else chargeDiscounts[chargeId] = percent
  }
  if (discountPercent === null || monthlyGrowthPercent === null || Object.keys(faults).length > 0)
    return { terms: null, faults }
  return {
    terms: {
      rateCardId: draft.rateCardId,
      discountPercent,
      chargeDiscounts,
      monthlyCommitment: commitment,
      monthlyGrowthPercent,
      termMonths,
      startDay: `${draft.startMonth}-01`,
    },
    faults,
  }
}

/** The scenarios to be saved; null while one of them cannot be read. */
export const readScenarios = (drafts: readonly ScenarioDraft[]): readonly Scenario[] | null => {
  const scenarios = drafts.flatMap(({ name, terms: draft }) => {
    const { terms } = readTerms(draft)
    return terms === null || name.trim() === '' ? [] : [{ name: name.trim(), terms }]
  })
  return scenarios.length === drafts.length ? scenarios : null
}

interface SliderRange {
  readonly min: number
  readonly max: number
}

const toPosition = (value: Decimal, range: SliderRange): number =>
  Decimal.max(range.min, Decimal.min(range.max, value)).round().toNumber()

/** A slider's position in whole units, the nearest one where the text is finer, out of range or no number. */
export const toWhole = (text: string, range: SliderRange): number =>
  toPosition(new Decimal(parseDecimal(text) ?? 0), range)

/** The same in hundredths: `12.5` stands at 1,250. */
export const toHundredths = (text: string, range: SliderRange): number =>
  toPosition(new Decimal(parseDecimal(text) ?? 0).times(100), range)

export const fromHundredths = (hundredths: number): DecimalText => integerToDecimal(BigInt(hundredths), 2)

/** A slider's range in whole currency units: up to twice the best month, in steps of about a hundredth of it. */
export const commitmentRange = (
  months: readonly BaselineMonth[],
): { readonly max: number; readonly step: number } => {
  const best = Decimal.max(1000, ...months.map((month) => month.revenue ?? 0))
  const top = best.times(2).ceil()
  const step = Decimal.max(1, new Decimal(10).pow(top.toFixed().length - 3))
  return { max: top.div(step).ceil().times(step).toNumber(), step: step.toNumber() }
}

/** A, B, C: the first that no scenario has yet. */
export const nextName = (drafts: readonly ScenarioDraft[]): string =>
  ['A', 'B', 'C'].find((name) => drafts.every((draft) => draft.name !== name)) ??
  `Scenario ${drafts.length + 1}`
