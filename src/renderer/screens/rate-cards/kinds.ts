/** Every kind of charge by the name people know it by, with what it does in a sentence. */
import type { Charge, QuantityPrice } from '../../../domain/pricing/ratecard.ts'

export type Kind = Charge['kind']
export type PriceKind = QuantityPrice['kind']

interface KindWords {
  readonly value: Kind
  readonly label: string
  readonly sentence: string
}

export const KINDS: readonly KindWords[] = [
  {
    value: 'flat_fee',
    label: 'Flat fee',
    sentence: 'An amount a month, quarter, half-year or year, or once.',
  },
  { value: 'per_unit', label: 'Per unit', sentence: 'Every unit has one price.' },
  {
    value: 'graduated',
    label: 'Graduated',
    sentence: 'Each tier prices only the units that fall in it, and its flat amount once where one does.',
  },
  {
    value: 'volume',
    label: 'Volume',
    sentence: 'The tier in which the quantity ends prices all of it, and adds its flat amount.',
  },
  {
    value: 'stair_step',
    label: 'Stair-step',
    sentence: 'The step in which the quantity ends has one amount for all of it.',
  },
  {
    value: 'package',
    label: 'Package',
    sentence: 'An amount for every block of units; the last block whole, or by its share.',
  },
  {
    value: 'percentage',
    label: 'Percentage',
    sentence:
      'A percent of the amounts that events carry, with fixed parts, free parts and bounds per event.',
  },
  {
    value: 'graduated_percentage',
    label: 'Graduated percentage',
    sentence: 'Each tier’s percent on the part of the month’s sum that falls in it.',
  },
  {
    value: 'matrix',
    label: 'Matrix',
    sentence:
      'A price for each combination of up to three dimensions; the first row that fits takes the usage.',
  },
  { value: 'seat', label: 'Per seat', sentence: 'Seats held, priced by the month, the day or the second.' },
  {
    value: 'time_weighted',
    label: 'Time-weighted',
    sentence: 'Units weighted by how long they are held: gigabytes through the month, machines by the hour.',
  },
  {
    value: 'time_of_day',
    label: 'Time of day',
    sentence: 'Prices by hour and weekday in the book’s time zone.',
  },
  { value: 'dynamic', label: 'Dynamic', sentence: 'The event itself carries its price or its amount.' },
  {
    value: 'revenue_share',
    label: 'Percentage of revenue',
    sentence: 'A percent of the customer’s revenue, and a fee for the platform.',
  },
  { value: 'cost_plus', label: 'Cost plus', sentence: 'The customer’s cost to serve, marked up.' },
  {
    value: 'formula',
    label: 'Formula',
    sentence: 'Billed units from several metrics, such as max(api.calls / 1000, storage.gb).',
  },
]

export const labelOf = (kind: Kind): string => KINDS.find(({ value }) => value === kind)?.label ?? kind

const PRICE_KINDS = [
  'per_unit',
  'graduated',
  'volume',
  'stair_step',
  'package',
] as const satisfies PriceKind[]

/** Kinds that price a quantity: of a whole charge, a matrix cell, a band, a level or a formula. */
export const PRICES: readonly { readonly value: PriceKind; readonly label: string }[] = PRICE_KINDS.map(
  (value) => ({ value, label: labelOf(value) }),
)

export const isPriceKind = (kind: Kind): kind is PriceKind => (PRICE_KINDS as readonly Kind[]).includes(kind)

/** Whether a charge of the kind counts one metric. */
export const hasMetric = (kind: Kind): boolean =>
  kind !== 'flat_fee' && kind !== 'cost_plus' && kind !== 'formula'
