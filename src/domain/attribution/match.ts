/**
 * Evaluates attribution rules. A rule looks at attributes and, where it is dated, at the day of service: never at
 * amounts. So the rooms above evaluate it once per distinct attribute set and span of days, and not once per row.
 */
import type { AttributionRule, CostAttributes, RuleCondition, RuleField } from './rule.ts'

export interface Attribution {
  readonly ruleId: string
  readonly tenant: string
}

/** Says whose cost of a day of service this is, or null where no rule claims it: the cost is unattributed. */
export type Attributor = (attributes: CostAttributes, day: string) => Attribution | null

/** Days `[startDay, endDay)` on which the same rules are in force; null stands for ever. */
export interface RuleSpan {
  readonly startDay: string | null
  readonly endDay: string | null
  readonly rules: readonly AttributionRule[]
}

const TAG = 'tag:'

/** The key of a `tag:<key>` field; null for the other fields. */
export const tagKeyOf = (field: RuleField): string | null =>
  field.startsWith(TAG) ? field.slice(TAG.length) : null

/**
 * The texts a field stands for, in the order in which they are tried. Accounts are known by their number to
 * some people and by their name to others, so both are looked at: the id first. Absent and empty are alike.
 */
export const textsOf = (attributes: CostAttributes, field: RuleField): readonly string[] => {
  const key = tagKeyOf(field)
  const texts = key === null ? fieldTexts(attributes, field) : [tagOf(attributes, key)]
  return texts.filter((text): text is string => text !== undefined && text !== '')
}

const tagOf = (attributes: CostAttributes, key: string): string | undefined =>
  attributes.tags !== undefined && Object.hasOwn(attributes.tags, key) ? attributes.tags[key] : undefined

const fieldTexts = (attributes: CostAttributes, field: RuleField): readonly (string | undefined)[] => {
  switch (field) {
    case 'billing_account':
      return [attributes.billing_account, attributes.billing_account_name]
    case 'sub_account':
      return [attributes.sub_account, attributes.sub_account_name]
    default:
      return Object.hasOwn(attributes, field)
        ? [attributes[field as Exclude<keyof CostAttributes, 'tags'>]]
        : []
  }
}

/** A condition's match is the text it yields for a `value` target; null where the condition does not hold. */
export type Matcher = (attributes: CostAttributes) => string | null

/** The text that makes the condition hold, `''` for one that asks for absence; null where it does not hold. */
export const compileCondition = (condition: RuleCondition): Matcher => {
  const { field, operator, value } = condition
  if (operator === 'absent') return (attributes) => (textsOf(attributes, field).length === 0 ? '' : null)
  if (operator === 'regex') {
    const pattern = new RegExp(value)
    return (attributes) => {
      for (const text of textsOf(attributes, field)) {
        const match = pattern.exec(text)
        if (match !== null) return match.length > 1 ? (match[1] ?? '') : text
      }
      return null
    }
  }
  const holds = (text: string): boolean =>
    operator === 'present' || (operator === 'equals' ? text === value : text.startsWith(value))
  return (attributes) => textsOf(attributes, field).find(holds) ?? null
}

const compileRule = (rule: AttributionRule): ((attributes: CostAttributes) => Attribution | null) => {
  const [first, ...others] = rule.conditions.map(compileCondition)
  if (first === undefined) return () => null
  const { target } = rule
  return (attributes) => {
    const text = first(attributes)
    if (text === null || !others.every((matches) => matches(attributes) !== null)) return null
    const tenant = target.kind === 'tenant' ? target.tenant : text
    return tenant === '' ? null : { ruleId: rule.id, tenant }
  }
}

/** Whether the rule is in force on the day `YYYY-MM-DD`. */
export const isInForce = ({ startDay, endDay }: AttributionRule, day: string): boolean =>
  (startDay === undefined || day >= startDay) && (endDay === undefined || day < endDay)

/** All time cut where a rule begins or ends, first to last; one span where no rule is dated. */
export const ruleSpans = (rules: readonly AttributionRule[]): readonly RuleSpan[] => {
  const cuts = [...new Set(rules.flatMap(({ startDay, endDay }) => [startDay, endDay]))]
    .filter((day) => day !== undefined)
    .sort()
  return [null, ...cuts].map((startDay, index) => {
    const endDay = cuts[index] ?? null
    // No rule begins or ends within a span, so that any day of it answers for all.
    const inForce = (rule: AttributionRule) =>
      startDay === null ? rule.startDay === undefined : isInForce(rule, startDay)
    return { startDay, endDay, rules: rules.filter(inForce) }
  })
}

/** The rules as if all were in force: of one span. @throws SyntaxError where a regex does not compile. */
export const compileSpan = (
  rules: readonly AttributionRule[],
): ((attributes: CostAttributes) => Attribution | null) => {
  const attributors = rules.map(compileRule)
  return (attributes) => {
    for (const attribute of attributors) {
      const attribution = attribute(attributes)
      if (attribution !== null) return attribution
    }
    return null
  }
}

/**
 * Compiles rules into one function; of those in force on the day, the first that matches wins. A rule whose value
 * would be an empty tenant (a regex group that took part in no match) claims nothing and the next rule is asked. A
 * rule without conditions claims nothing: it would otherwise claim everything by accident.
 * @throws SyntaxError where a regex does not compile; `validateRules` reports that as an issue beforehand.
 */
export const compileRules = (rules: readonly AttributionRule[]): Attributor => {
  const spans = ruleSpans(rules).map(({ endDay, rules: inForce }) => ({
    endDay,
    attribute: compileSpan(inForce),
  }))
  return (attributes, day) =>
    (spans.find(({ endDay }) => endDay === null || day < endDay) ?? spans.at(-1))?.attribute(attributes) ??
    null
}
