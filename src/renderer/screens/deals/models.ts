import { useMemo } from 'react'
import { compareScenarios } from '../../../domain/deal/compare.ts'
import { belowFloor, type DealModel, type ModelInput, modelScenario } from '../../../domain/deal/model.ts'
import type { api } from '../../api.ts'
import { readTerms, type ScenarioDraft, type TermFaults } from './terms.ts'

export type Baseline = Awaited<ReturnType<typeof api.deals.baseline.call>>

export interface Modelled {
  readonly draft: ScenarioDraft
  readonly faults: TermFaults
  /** Null while the terms cannot be read; then there is nothing to model. */
  readonly input: ModelInput | null
  readonly model: DealModel | null
  /** Null where a margin is unknown. */
  readonly isBelowFloor: boolean | null
}

const modelDraft = (draft: ScenarioDraft, baseline: Baseline): Modelled => {
  const { terms, faults } = readTerms(draft.terms)
  const card = baseline.rateCards.find((each) => each.id === draft.terms.rateCardId)
  if (terms === null || card === undefined)
    return { draft, faults, input: null, model: null, isBelowFloor: null }
  const { months, metrics, currency } = baseline
  const input = { terms, baseline: months, card, metrics, currency }
  const model = modelScenario(input)
  return { draft, faults, input, model, isBelowFloor: belowFloor(model, baseline.floorPercent) }
}

/** Models scenarios as they are typed; one that did not change is not modelled again. */
export const useModels = (baseline: Baseline) =>
  useMemo(() => {
    const known = new WeakMap<ScenarioDraft, Modelled>()
    return (drafts: readonly ScenarioDraft[]): readonly Modelled[] =>
      drafts.map((draft) => {
        const modelled = known.get(draft) ?? modelDraft(draft, baseline)
        known.set(draft, modelled)
        return modelled
      })
  }, [baseline])

/** What each scenario after the first brings compared with it, a sentence each. */
export const compareWithFirst = (all: readonly Modelled[]): readonly string[] => {
  const named = all.flatMap(({ draft, input, model }) =>
    input === null || model === null ? [] : [{ name: draft.name, terms: input.terms, model }],
  )
  const [first, ...others] = named
  return first === undefined ? [] : others.map((other) => compareScenarios(first, other))
}
