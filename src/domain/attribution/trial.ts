/** The test bench: what each rule says of one row, and why. */
import { describeCondition, describeDays, describeField } from './describe.ts'
import { type Attribution, compileCondition, compileSpan, isInForce, textsOf } from './match.ts'
import type { AttributionRule, CostAttributes, RuleCondition } from './rule.ts'

/**
 * `takes`: the row is this rule's. `comes_after`: it would take the row, but an earlier rule does.
 * `names_no_tenant`: all conditions hold and the tenant would be empty, so that the next rule is asked.
 */
export type TrialOutcome = 'takes' | 'comes_after' | 'not_in_force' | 'does_not_match' | 'names_no_tenant'

export interface RuleTrial {
  readonly ruleId: string
  readonly outcome: TrialOutcome
  /** A sentence. */
  readonly words: string
}

export interface Trial {
  readonly attribution: Attribution | null
  /** One per rule, in order. */
  readonly rules: readonly RuleTrial[]
}

const failing = (condition: RuleCondition, attributes: CostAttributes): string => {
  const field = describeField(condition.field)
  const [found] = textsOf(attributes, condition.field)
  const has = found === undefined ? `the row has no ${field}` : `the row’s ${field} is "${found}"`
  return `It asks that ${describeCondition(condition)}; ${has}.`
}

/**
 * What the rules say of a row whose service was on the day.
 * @throws SyntaxError where a regex does not compile; `validateRules` reports that as an issue beforehand.
 */
export const tryRules = (
  rules: readonly AttributionRule[],
  attributes: CostAttributes,
  day: string,
): Trial => {
  let taken: { readonly attribution: Attribution; readonly number: number } | null = null
  const trials = rules.map((rule, index): RuleTrial => {
    const say = (outcome: TrialOutcome, words: string) => ({ ruleId: rule.id, outcome, words })
    if (!isInForce(rule, day))
      return say('not_in_force', `It is not in force on ${day}: it holds ${describeDays(rule) ?? 'never'}.`)
    const broken = rule.conditions.find((condition) => compileCondition(condition)(attributes) === null)
    if (broken !== undefined) return say('does_not_match', failing(broken, attributes))
    const attribution = compileSpan([rule])(attributes)
    if (attribution === null)
      return say(
        'names_no_tenant',
        rule.conditions.length === 0
          ? 'It has no condition, so it claims nothing.'
          : 'All its conditions hold, but the text that would name the tenant is empty; the next rule is asked.',
      )
    if (taken !== null)
      return say(
        'comes_after',
        `It would take it for tenant "${attribution.tenant}", but rule ${taken.number} comes first.`,
      )
    taken = { attribution, number: index + 1 }
    return say('takes', `It takes the row for tenant "${attribution.tenant}".`)
  })
  return { attribution: (taken as { attribution: Attribution } | null)?.attribution ?? null, rules: trials }
}
