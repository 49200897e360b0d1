/** A rate card's next version while it is being typed: the charges once for each currency, their ids the same. */
import type { Issue } from '../../../domain/issue.ts'
import type { Metric } from '../../../domain/metric.ts'
import type { Charge, RateCard, RateCardVersion, RatingSettings } from '../../../domain/pricing/ratecard.ts'
import { settingsOfVersion } from '../../../domain/pricing/settings.ts'
import { type ChargeDraft, newCharge, settleIds } from './charge-draft.ts'
import { fromCharge } from './charge-to-draft.ts'
import { toCharge } from './draft-to-charge.ts'

export interface CurrencyDraft {
  readonly currency: string
  readonly charges: readonly ChargeDraft[]
}

export interface CardDraft {
  readonly name: string
  /** Null while it follows the name. */
  readonly typedId: string | null
  readonly effectiveFrom: string
  readonly note: string
  /** Customers whom it is offered to; everybody where empty. */
  readonly privateTo: readonly string[]
  readonly settings: RatingSettings
  /** Of charges that are known outside this draft by their ids, which stay whatever they are called. */
  readonly keptIds: readonly string[]
  /** The card's own currency first. */
  readonly prices: readonly [CurrencyDraft, ...CurrencyDraft[]]
}

/** What a file or a saved version gives to a draft. */
export interface CardTerms {
  readonly id?: string
  readonly name: string
  readonly currency: string
  readonly effectiveFrom: string
  readonly charges: readonly Charge[]
  readonly otherCurrencies?: { readonly [currency: string]: readonly Charge[] } | undefined
  readonly settings?: RatingSettings | undefined
  readonly note?: string | undefined
  readonly privateTo?: readonly string[] | null | undefined
}

export const emptyCard = (
  currency: string,
  effectiveFrom: string,
  metrics: readonly Metric[],
): CardDraft => ({
  name: '',
  typedId: null,
  effectiveFrom,
  note: '',
  privateTo: [],
  settings: settingsOfVersion(undefined, null),
  keptIds: [],
  prices: [{ currency, charges: [newCharge([], metrics)] }],
})

export const fromTerms = (terms: CardTerms): CardDraft => ({
  name: terms.name,
  typedId: terms.id ?? null,
  effectiveFrom: terms.effectiveFrom,
  note: terms.note ?? '',
  privateTo: terms.privateTo ?? [],
  settings: settingsOfVersion(terms.settings, null),
  keptIds: terms.charges.map(({ id }) => id),
  prices: [
    { currency: terms.currency, charges: terms.charges.map(fromCharge) },
    ...Object.entries(terms.otherCurrencies ?? {}).map(([currency, charges]) => ({
      currency,
      charges: charges.map(fromCharge),
    })),
  ],
})

/** The last version of a card as the start of its next. */
export const fromCard = (card: RateCard, effectiveFrom: string): CardDraft => {
  const latest = card.versions.at(-1)
  const { note: _, ...last } = latest ?? { charges: [] }
  const { id, name, currency, privateTo } = card
  const settings = settingsOfVersion(latest?.settings, latest ?? null)
  return {
    ...fromTerms({ ...last, id, name, currency, effectiveFrom, privateTo, settings }),
    keptIds: card.versions.flatMap(({ charges }) => charges.map((charge) => charge.id)),
  }
}

/** What the draft says as a version. Charges of other currencies have the ids of those in their place. */
export const versionOf = (draft: CardDraft, number: number): RateCardVersion => {
  const [own, ...others] = draft.prices
  const settled = settleIds(own.charges, new Set(draft.keptIds))
  const note = draft.note.trim()
  return {
    version: number,
    effectiveFrom: draft.effectiveFrom,
    charges: settled.map(toCharge),
    ...(others.length === 0
      ? {}
      : {
          otherCurrencies: Object.fromEntries(
            others.map(({ currency, charges }) => [
              currency,
              charges.map((charge, index) => toCharge({ ...charge, id: settled[index]?.id ?? charge.id })),
            ]),
          ),
        }),
    settings: draft.settings,
    ...(note === '' ? {} : { note }),
  }
}

/** What is the same in every currency. */
const shared = ({ name, kind, metric }: ChargeDraft) => ({ name, kind, metric })

const sharedWith = (own: ChargeDraft, other: ChargeDraft): ChargeDraft => {
  const kind = own.kind === other.kind ? {} : { price: { ...other.price, kind: own.price.kind } }
  return { ...other, ...shared(own), ...kind }
}

/**
 * The prices with the charges of one currency changed. A charge that comes, goes, or changes its name, kind or metric in
 * the card's own currency does so in the others too.
 */
export const withCharges = (
  prices: CardDraft['prices'],
  place: number,
  charges: readonly ChargeDraft[],
): CardDraft['prices'] => {
  const [own, ...others] = prices
  if (place > 0)
    return [own, ...others.map((each, index) => (index + 1 === place ? { ...each, charges } : each))]
  return [
    { ...own, charges },
    ...others.map((other) => ({
      ...other,
      charges: charges.map((charge) => {
        const same = other.charges.find(({ id }) => id === charge.id)
        return same === undefined ? charge : sharedWith(charge, same)
      }),
    })),
  ]
}

/** The issues of one currency's charges, with paths as if they were the card's own. */
export const issuesOfCurrency = (issues: readonly Issue[], currency: string | null): readonly Issue[] => {
  if (currency === null) return issues.filter(({ column }) => column?.startsWith('otherCurrencies') !== true)
  const start = `otherCurrencies.${currency}`
  return issues.flatMap((issue) =>
    issue.column?.startsWith(start)
      ? [{ ...issue, column: `charges${issue.column.slice(start.length)}` }]
      : [],
  )
}
