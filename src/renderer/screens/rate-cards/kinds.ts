/** Every kind of charge by the name people know it by, with what it does in a sentence. */
import type { Charge, QuantityPrice } from '../../../domain/pricing/ratecard.ts'
import { KIND_LABELS } from '../../../domain/pricing/synonyms.ts'

export type Kind = Charge['kind']
export type PriceKind = QuantityPrice['kind']

interface KindWords {
  readonly value: Kind
  readonly label: string
  readonly sentence: string
}

const SENTENCES: readonly Omit<KindWords, 'label'>[] = [
  {
    value: 'flat_fee',

    sentence: 'An amount a month, quarter, half-year or year, or once.',
  },
  { value: 'per_unit', sentence: 'Every unit has one price.' },
  {
    value: 'graduated',

    sentence: 'Each tier prices only the units that fall in it, and its flat amount once where one does.',
  },
  {
    value: 'volume',

    sentence: 'The tier in which the quantity ends prices all of it, and adds its flat amount.',
  },
  {
    value: 'stair_step',

    sentence: 'The step in which the quantity ends has one amount for all of it.',
  },
  {
    value: 'package',

    sentence: 'An amount for every block of units; the last block whole, or by its share.',
  },
  {
    value: 'percentage',

    sentence:
      'A percent of the amounts that events carry, with fixed parts, free parts and bounds per event.',
  },
  {
    value: 'graduated_percentage',

    sentence: 'Each tier’s percent on the part of the month’s sum that falls in it.',
  },
  {
    value: 'matrix',

    sentence:
      'A price for each combination of up to three dimensions; the first row that fits takes the usage.',
  },
  { value: 'seat', sentence: 'Seats held, priced by the month, the day or the second.' },
  {
    value: 'time_weighted',

    sentence: 'Units weighted by how long they are held: gigabytes through the month, machines by the hour.',
  },
  {
    value: 'time_of_day',

    sentence: 'Prices by hour and weekday in the book’s time zone.',
  },
  { value: 'dynamic', sentence: 'The event itself carries its price or its amount.' },
  {
    value: 'revenue_share',

    sentence: 'A percent of the customer’s revenue, and a fee for the platform.',
  },
  { value: 'cost_plus', sentence: 'The customer’s cost to serve, marked up.' },
  {
    value: 'formula',

    sentence: 'Billed units from several metrics, such as max(api.calls / 1000, storage.gb).',
  },
]

export const KINDS: readonly KindWords[] = SENTENCES.map((each) => ({
  ...each,
  label: KIND_LABELS[each.value],
}))

const PRICE_KINDS = [
  'per_unit',
  'graduated',
  'volume',
  'stair_step',
  'package',
] as const satisfies PriceKind[]

/** Kinds that price a quantity: of a whole charge, a matrix cell, a band, a level or a formula. */
export const PRICES: readonly { readonly value: PriceKind; readonly label: string }[] = PRICE_KINDS.map(
  (value) => ({ value, label: KIND_LABELS[value] }),
)

export const isPriceKind = (kind: Kind): kind is PriceKind => (PRICE_KINDS as readonly Kind[]).includes(kind)

/** Whether a charge of the kind counts one metric. */
export const hasMetric = (kind: Kind): boolean =>
  kind !== 'flat_fee' && kind !== 'cost_plus' && kind !== 'formula'
