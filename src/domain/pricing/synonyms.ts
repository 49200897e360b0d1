/**
 * What other products call our kinds of charge, for import; docs/pricing/synonyms.md has the table with its sources.
 * Our own words always mean what they mean here, whatever another product means by them.
 */
import type { Charge } from './ratecard.ts'

type Kind = Charge['kind']

/** The names by which people know the kinds. */
export const KIND_LABELS: Readonly<Record<Kind, string>> = {
  flat_fee: 'Flat fee',
  per_unit: 'Per unit',
  graduated: 'Graduated',
  volume: 'Volume',
  stair_step: 'Stair-step',
  package: 'Package',
  percentage: 'Percentage',
  graduated_percentage: 'Graduated percentage',
  matrix: 'Matrix',
  seat: 'Per seat',
  time_weighted: 'Time-weighted',
  time_of_day: 'Time of day',
  dynamic: 'Dynamic',
  revenue_share: 'Percentage of revenue',
  cost_plus: 'Cost plus',
  formula: 'Formula',
}

interface Synonym {
  /** In lower case, words apart by one space. */
  readonly word: string
  readonly kind: Kind
  readonly products: readonly string[]
}

export const SYNONYMS: readonly Synonym[] = [
  { word: 'flat rate', kind: 'flat_fee', products: ['Stripe', 'Amberflo'] },
  { word: 'fixed price', kind: 'flat_fee', products: ['Orb'] },
  { word: 'fixed fee', kind: 'flat_fee', products: ['Orb'] },
  { word: 'fixed charge', kind: 'flat_fee', products: ['Lago'] },
  { word: 'add on', kind: 'flat_fee', products: ['Lago'] },
  { word: 'recurring charge', kind: 'flat_fee', products: ['Flexprice'] },
  { word: 'scheduled charge', kind: 'flat_fee', products: ['Metronome'] },
  { word: 'installments', kind: 'flat_fee', products: ['Suger'] },
  { word: 'standing charge', kind: 'flat_fee', products: ['m3ter'] },
  { word: 'fixed recurring', kind: 'flat_fee', products: ['Amberflo'] },
  { word: 'fixed one time', kind: 'flat_fee', products: ['Amberflo'] },
  { word: 'flat', kind: 'flat_fee', products: ['OpenMeter'] },
  { word: 'flat', kind: 'per_unit', products: ['Metronome'] },
  { word: 'standard', kind: 'per_unit', products: ['Lago'] },
  { word: 'unit', kind: 'per_unit', products: ['OpenMeter', 'Orb'] },
  { word: 'basic', kind: 'per_unit', products: ['Suger'] },
  { word: 'billing scheme=per unit', kind: 'per_unit', products: ['Stripe'] },
  {
    word: 'tiered',
    kind: 'graduated',
    products: [
      'Orb',
      'Metronome',
      'Chargebee',
      'Zuora',
      'Suger',
      'Amberflo',
      'Stripe',
      'OpenMeter',
      'Flexprice',
    ],
  },
  { word: 'tiered', kind: 'volume', products: ['Stripe', 'OpenMeter', 'Flexprice'] },
  { word: 'tiers mode=graduated', kind: 'graduated', products: ['Stripe'] },
  { word: 'slab', kind: 'graduated', products: ['Flexprice', 'Oracle Banking'] },
  { word: 'tiered with overage', kind: 'graduated', products: ['Zuora'] },
  { word: 'tiers mode=volume', kind: 'volume', products: ['Stripe'] },
  { word: 'bulk', kind: 'volume', products: ['Orb'] },
  { word: 'bulk', kind: 'package', products: ['Suger'] },
  { word: 'stairstep', kind: 'stair_step', products: ['Chargebee'] },
  { word: 'transform quantity', kind: 'package', products: ['Stripe'] },
  { word: 'per package', kind: 'package', products: ['Stripe'] },
  { word: 'per block', kind: 'package', products: ['Amberflo'] },
  { word: 'percent', kind: 'percentage', products: ['Orb'] },
  { word: 'composite charge', kind: 'percentage', products: ['Metronome'] },
  { word: 'tiered percentage', kind: 'graduated_percentage', products: ['Metronome'] },
  { word: 'pre rated', kind: 'dynamic', products: ['Zuora'] },
  { word: 'pre rated per unit', kind: 'dynamic', products: ['Zuora'] },
  { word: 'dynamic pricing', kind: 'dynamic', products: ['OpenMeter'] },
  { word: 'dynamic pricing', kind: 'matrix', products: ['Zuora'] },
  { word: 'multi attribute', kind: 'formula', products: ['Zuora'] },
  { word: 'custom charge', kind: 'formula', products: ['Lago'] },
  { word: 'per unit with dimensions', kind: 'matrix', products: ['Amberflo'] },
  { word: 'per block with dimensions', kind: 'matrix', products: ['Amberflo'] },
  { word: 'tiered with dimensions', kind: 'matrix', products: ['Amberflo'] },
  { word: 'dimensional', kind: 'matrix', products: ['Orb', 'Metronome'] },
  { word: 'attribute based', kind: 'matrix', products: ['Zuora'] },
  { word: 'weighted sum', kind: 'time_weighted', products: ['Flexprice'] },
  { word: 'weighted sum agg', kind: 'time_weighted', products: ['Lago'] },
]

/** Words of the trade that no one product is named for, each for the one kind that it can mean. */
const TRADE_WORDS: Readonly<Record<string, Kind>> = {
  progressive: 'graduated',
  'all units': 'volume',
  threshold: 'stair_step',
  'fixed by tier': 'stair_step',
  step: 'stair_step',
  block: 'package',
  percent: 'percentage',
  subscription: 'flat_fee',
  recurring: 'flat_fee',
  'one time': 'flat_fee',
  usage: 'per_unit',
  linear: 'per_unit',
  seats: 'seat',
  license: 'seat',
  user: 'seat',
  'time of use': 'time_of_day',
  'event price': 'dynamic',
  'custom price': 'dynamic',
  expression: 'formula',
  custom: 'formula',
  markup: 'cost_plus',
}

export interface NamedKind {
  /** One, or several where products mean different things by the word. */
  readonly meanings: readonly { readonly kind: Kind; readonly products: readonly string[] }[]
  /** What the word means, and what to write instead where it means several things. */
  readonly sentence: string
}

/** `Tiers_Mode = volume` as `tiers mode=volume`, `perUnit` as `per unit`. */
const plain = (text: string): string =>
  text
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .replace(/ ?= ?/g, '=')
    .trim()

const list = (words: readonly string[], last: 'and' | 'or'): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`

const wordOf = (kind: Kind): string => KIND_LABELS[kind].toLowerCase()

/** The kind that a word names, ours or another product's; null where nobody known uses it for a kind. */
export const kindNamed = (text: string): NamedKind | null => {
  const said = plain(text)
  // “Unit pricing” is unit, unless the two words together mean something of their own.
  const word = SYNONYMS.some((each) => each.word === said) ? said : said.replace(/ pricing$/, '')
  const own = (Object.keys(KIND_LABELS) as Kind[]).find(
    (kind) => plain(kind) === word || plain(KIND_LABELS[kind]) === word,
  )
  if (own !== undefined) return { meanings: [{ kind: own, products: [] }], sentence: '' }
  const meanings = SYNONYMS.filter((each) => each.word === word).map(({ kind, products }) => ({
    kind,
    products,
  }))
  const [only] = meanings
  if (only === undefined) {
    const kind = Object.hasOwn(TRADE_WORDS, word) ? TRADE_WORDS[word] : undefined
    if (kind === undefined) return null
    return {
      meanings: [{ kind, products: [] }],
      sentence: `“${text.trim()}” is read as ${wordOf(kind)}.`,
    }
  }
  if (meanings.length === 1)
    return {
      meanings,
      sentence: `“${text.trim()}”, the word of ${list(only.products, 'and')}, is read as ${wordOf(only.kind)}.`,
    }
  const each = meanings.map(({ kind, products }) => `${wordOf(kind)} at ${list(products, 'and')}`)
  return {
    meanings,
    sentence: `“${text.trim()}” is ${list(each, 'and')}; write ${list(
      meanings.map(({ kind }) => wordOf(kind)),
      'or',
    )}.`,
  }
}
