/** A deal while it is being worked on, and what can be done to it. */
import type { Deal } from '../../../domain/deal/deal.ts'
import { addMonths, type Month } from '../../../domain/period.ts'
import { proposeId } from '../../ui/propose-id.ts'
import type { Baseline } from './models.ts'
import { fromTerms, nextName, type ScenarioDraft, type TermsDraft } from './terms.ts'

export const SCENARIOS_MAX = 3

export interface DealDraft {
  readonly id: string
  readonly name: string
  readonly note: string
  readonly scenarios: readonly ScenarioDraft[]
  readonly chosen: number
}

export const fromDeal = (deal: Deal): DealDraft => ({
  id: deal.id,
  name: deal.name,
  note: deal.note,
  scenarios: deal.scenarios.map(({ name, terms }) => ({ name, terms: fromTerms(terms) })),
  chosen: deal.chosen,
})

/** As the customer buys now, from the month after the newest data: what any proposal is compared with. */
export const proposeDraft = (
  baseline: Baseline,
  takenIds: readonly string[],
  today: string,
  newestMonth: Month | null,
): DealDraft => ({
  id: proposeId(`${baseline.customerId}-${today}`, takenIds),
  name: `${baseline.customerName} ${today}`.slice(0, 120),
  note: '',
  chosen: 0,
  scenarios: [
    {
      name: 'A',
      terms: {
        rateCardId: baseline.currentRateCardId ?? baseline.rateCards[0]?.id ?? '',
        discount: baseline.currentDiscountPercent ?? '0',
        commitment: baseline.currentMonthlyCommitment ?? '',
        growth: '0',
        termMonths: '12',
        startMonth: newestMonth === null ? today.slice(0, 7) : addMonths(newestMonth, 1),
        chargeDiscounts: {},
      },
    },
  ],
})

/** `index` is the place of a scenario. */
export type DraftChange =
  | { readonly kind: 'head'; readonly changes: Partial<Pick<DealDraft, 'id' | 'name' | 'note'>> }
  | { readonly kind: 'choose'; readonly index: number }
  | { readonly kind: 'rename'; readonly index: number; readonly name: string }
  | { readonly kind: 'terms'; readonly index: number; readonly changes: Partial<TermsDraft> }
  | { readonly kind: 'duplicate'; readonly index: number }
  | { readonly kind: 'remove'; readonly index: number }

const changeScenario = (
  draft: DealDraft,
  index: number,
  toNew: (scenario: ScenarioDraft) => ScenarioDraft,
): DealDraft => ({
  ...draft,
  scenarios: draft.scenarios.map((scenario, place) => (place === index ? toNew(scenario) : scenario)),
})

/** A deal keeps one to three scenarios, and one of them proposed; a change against that changes nothing. */
export const changeDraft = (draft: DealDraft, change: DraftChange): DealDraft => {
  const { scenarios, chosen } = draft
  switch (change.kind) {
    case 'head':
      return { ...draft, ...change.changes }
    case 'choose':
      return change.index < scenarios.length ? { ...draft, chosen: change.index } : draft
    case 'rename':
      return changeScenario(draft, change.index, (scenario) => ({ ...scenario, name: change.name }))
    case 'terms':
      return changeScenario(draft, change.index, (scenario) => ({
        ...scenario,
        terms: { ...scenario.terms, ...change.changes },
      }))
    case 'duplicate': {
      const from = scenarios[change.index]
      if (from === undefined || scenarios.length >= SCENARIOS_MAX) return draft
      return { ...draft, scenarios: [...scenarios, { ...from, name: nextName(scenarios) }] }
    }
    case 'remove':
      if (scenarios.length === 1) return draft
      return {
        ...draft,
        scenarios: scenarios.filter((_, place) => place !== change.index),
        chosen: chosen > change.index ? chosen - 1 : Math.min(chosen, scenarios.length - 2),
      }
  }
}
