import type { Charge, RateCard, RatingSettings } from '../../../domain/pricing/ratecard.ts'
import { settingsOfVersion } from '../../../domain/pricing/settings.ts'
import { validateRateCardVersion } from '../../../domain/pricing/validate.ts'
import { api, type EngineState } from '../engine-state.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { notFound, refused } from '../refusals.ts'
import { customersOf, metricsOf, type Session } from '../session.ts'

/** What saving a card's next version needs. */
export interface CardDraft {
  readonly id: string
  readonly name: string
  readonly currency: string
  readonly effectiveFrom: string
  readonly charges: readonly Charge[]
  readonly otherCurrencies?: { readonly [currency: string]: readonly Charge[] } | undefined
  readonly settings?: RatingSettings | undefined
  readonly note?: string | undefined
  /** Null for a public one; the card's own where it is left out. */
  readonly privateTo?: readonly string[] | null | undefined
}

/** The card with the draft as its next version, and what is to be said of it. @throws REFUSED */
export const nextVersionOf = (
  session: Session,
  draft: CardDraft,
): { card: RateCard; issues: ReturnType<typeof validateRateCardVersion> } => {
  const { currency } = session.settings()
  if (draft.currency !== currency)
    throw refused(
      'currency_is_not_the_books',
      `This book bills in ${currency}; a card in ${draft.currency} can’t be used in it. Nothing was saved.`,
    )
  const before = session.one('rate_card', draft.id)?.content ?? null
  const previous = before?.versions.at(-1) ?? null
  const version = {
    version: (previous?.version ?? 0) + 1,
    effectiveFrom: draft.effectiveFrom,
    charges: draft.charges,
    ...(draft.otherCurrencies === undefined ? {} : { otherCurrencies: draft.otherCurrencies }),
    settings: settingsOfVersion(draft.settings, previous),
    ...(draft.note === undefined ? {} : { note: draft.note }),
  }
  const privateTo = draft.privateTo === undefined ? before?.privateTo : (draft.privateTo ?? undefined)
  const stranger = privateTo?.find((customerId) => session.one('customer', customerId) === null)
  if (stranger !== undefined)
    throw refused(
      'customer_is_unknown',
      `There is no customer ${stranger}, for whom ${draft.name} would be. Nothing was saved.`,
    )
  const issues = validateRateCardVersion(version, metricsOf(session), previous)
  const wrong = issues.find(({ severity }) => severity === 'error')
  if (wrong !== undefined) throw refused('rate_card_is_wrong', `${wrong.message} Nothing was saved.`, issues)
  return {
    card: {
      id: draft.id,
      name: draft.name,
      currency: draft.currency,
      ...(privateTo === undefined ? {} : { privateTo }),
      versions: [...(before?.versions ?? []), version],
    },
    issues,
  }
}

export const rateCardsHandlers = (engine: EngineState) => ({
  list: api.rateCards.list.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const contracts = session.all('contract').map(({ content }) => content)
    return session.all('rate_card').map(({ content: card, version }) => ({
      card,
      version,
      customers: new Set(
        contracts.filter(({ rateCardId }) => rateCardId === card.id).map(({ customerId }) => customerId),
      ).size,
    }))
  }),
  get: api.rateCards.get.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const stored = session.one('rate_card', input.rateCardId)
    if (stored === null) throw notFound(`There is no rate card ${input.rateCardId}.`)
    const ids = new Set(
      session
        .all('contract')
        .flatMap(({ content }) => (content.rateCardId === stored.id ? [content.customerId] : [])),
    )
    return {
      card: stored.content,
      version: stored.version,
      customers: customersOf(session)
        .filter(({ id }) => ids.has(id))
        .map(({ id, name }) => ({ customerId: id, name })),
      asOf: knownTo(session),
    }
  }),
  save: api.rateCards.save.handler(async ({ input: { expectedVersion, ...draft } }) => {
    const session = engine.session()
    const { card, issues } = nextVersionOf(session, draft)
    const [version = 0] = await session.put(`Rate card ${card.name}`, [
      { kind: 'rate_card', id: card.id, content: card, expectedVersion },
    ])
    return { version, issues: [...issues] }
  }),
})
