/**
 * Evaluates attribution rules. A rule looks at attributes only, never at amounts or times, so the rooms
 * above evaluate it once per distinct attribute set and not once per row.
 */
import type { AttributionRule, CostAttributes, RuleCondition, RuleField } from './rule.ts'

export interface Attribution {
  readonly ruleId: string
  readonly tenant: string
}

/** Says whose cost this is, or null where no rule claims it: the cost is unattributed. */
export type Attributor = (attributes: CostAttributes) => Attribution | null

const TAG = 'tag:'

/** The key of a `tag:<key>` field; null for the other fields. */
export const tagKeyOf = (field: RuleField): string | null =>
  field.startsWith(TAG) ? field.slice(TAG.length) : null

/**
 * The texts a field stands for, in the order in which they are tried. Accounts are known by their number to
 * some people and by their name to others, so both are looked at: the id first. Absent and empty are alike.
 */
const textsOf = (attributes: CostAttributes, field: RuleField): readonly string[] => {
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
    case 'provider':
      return [attributes.provider]
    case 'service':
      return [attributes.service]
    case 'resource_id':
      return [attributes.resource_id]
    case 'region':
      return [attributes.region]
    default:
      return []
  }
}

/** A condition's match is the text it yields for a `value` target; null where the condition does not hold. */
type Matcher = (attributes: CostAttributes) => string | null

const compileCondition = (condition: RuleCondition): Matcher => {
  const { field, operator, value } = condition
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

const compileRule = (rule: AttributionRule): Attributor => {
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

/**
 * Compiles rules into one function; the first rule that matches wins. A rule whose value would be an empty
 * tenant (a regex group that took part in no match) claims nothing and the next rule is asked. A rule
 * without conditions claims nothing: it would otherwise claim everything by accident.
 * @throws SyntaxError where a regex does not compile; `validateRules` reports that as an issue beforehand.
 */
export const compileRules = (rules: readonly AttributionRule[]): Attributor => {
  const attributors = rules.map(compileRule)
  return (attributes) => {
    for (const attribute of attributors) {
      const attribution = attribute(attributes)
      if (attribution !== null) return attribution
    }
    return null
  }
}
