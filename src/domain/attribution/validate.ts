/** Checks a list of rules before it is saved. */
import type { Issue } from '../issue.ts'
import { describeCondition, describeField, hasGroup } from './describe.ts'
import { tagKeyOf } from './match.ts'
import { patternFault } from './pattern.ts'
import { type AttributionRule, RULE_FIELDS, RULE_OPERATORS, type RuleCondition } from './rule.ts'

const OPERATORS: readonly string[] = RULE_OPERATORS

const named = (rule: AttributionRule, index: number): string =>
  `Rule ${index + 1}${rule.name.trim() === '' ? '' : ` "${rule.name}"`}`

/**
 * Everything that is wrong with the rules, in their order. Errors must be mended before the rules are saved;
 * warnings name rules that are allowed but claim nothing. `column` is the JSON path from the list's root.
 */
export const validateRules = (rules: readonly AttributionRule[]): readonly Issue[] => {
  const firstWithId = new Map<string, number>()
  const shadows = shadowsOf(rules)
  return rules.flatMap((rule, index) => {
    const path = `rules[${index}]`
    const issues: Issue[] = []
    const error = (code: string, message: string, column: string) =>
      issues.push({ severity: 'error', code, message: `${named(rule, index)} ${message}`, column })
    const earlier = firstWithId.get(rule.id)
    if (rule.id.trim() === '')
      error('rule_has_no_id', 'has no id; give it one that no other rule has.', `${path}.id`)
    else if (earlier !== undefined)
      error(
        'rule_id_is_used_twice',
        `has the id "${rule.id}" of rule ${earlier + 1}; give each rule its own id.`,
        `${path}.id`,
      )
    else firstWithId.set(rule.id, index)
    if (rule.target.kind === 'tenant' && rule.target.tenant.trim() === '')
      error(
        'rule_names_no_tenant',
        'names no tenant; name one, or take the tenant from the first condition.',
        `${path}.target.tenant`,
      )
    if (rule.conditions.length === 0)
      error(
        'rule_has_no_conditions',
        'has no condition and would claim every cost; add at least one.',
        `${path}.conditions`,
      )
    rule.conditions.forEach((condition, position) => {
      const fault = conditionFault(condition)
      if (fault !== null) error(fault.code, fault.message, `${path}.conditions[${position}].${fault.member}`)
    })
    if (rule.target.kind === 'value' && rule.conditions[0]?.operator === 'absent')
      error(
        'rule_names_no_tenant',
        'takes the tenant from a text that is absent; put another condition first, or name the tenant.',
        `${path}.target`,
      )
    if (rule.startDay !== undefined && rule.endDay !== undefined && rule.startDay >= rule.endDay)
      error(
        'rule_ends_before_it_begins',
        `ends before ${rule.endDay} and begins on ${rule.startDay}; it would hold on no day. Move one of the two.`,
        `${path}.endDay`,
      )
    const never = issues.length > 0 ? null : neverMatches(rules, index, shadows)
    if (never !== null)
      issues.push({
        severity: 'warning',
        code: never.code,
        message: `${named(rule, index)} ${never.message}`,
        column: path,
      })
    return issues
  })
}

export interface ConditionFault {
  readonly code: string
  readonly message: string
  readonly member: keyof RuleCondition
}

/** What is wrong with a condition; the message is the rest of a sentence that begins with its owner. */
export const conditionFault = (condition: RuleCondition): ConditionFault | null => {
  const { field, operator, value } = condition
  const key = tagKeyOf(field)
  if (key !== null && key.trim() === '')
    return {
      code: 'tag_has_no_key',
      message: 'looks at a tag without a key; write tag:application for the tag "application".',
      member: 'field',
    }
  if (key === null && !(RULE_FIELDS as readonly string[]).includes(field))
    return {
      code: 'field_is_unknown',
      message: `looks at "${field}", which is no field; use a column such as service, sub_account or charge_category (docs/formats/rules.md has them all), or tag:<key>.`,
      member: 'field',
    }
  if (!OPERATORS.includes(operator))
    return {
      code: 'operator_is_unknown',
      message: `compares by "${operator}", which is no operator; use ${OPERATORS.join(', ')}.`,
      member: 'operator',
    }
  if (operator !== 'present' && operator !== 'absent' && value === '')
    return {
      code: 'value_is_empty',
      message: `compares the ${describeField(field)} with nothing; give a value, or use "present" or "absent".`,
      member: 'value',
    }
  const fault = operator === 'regex' ? patternFault(value) : null
  return fault === null
    ? null
    : {
        code: 'pattern_is_refused',
        message: `cannot be used: the pattern /${value}/ ${fault}.`,
        member: 'value',
      }
}

const keyOf = (condition: RuleCondition): string =>
  JSON.stringify([
    condition.field,
    condition.operator,
    condition.operator === 'present' || condition.operator === 'absent' ? '' : condition.value,
  ])

/** A regex whose group may stay empty passes the cost on to later rules, even where all conditions hold. */
const mayPassOn = (rule: AttributionRule): boolean => {
  const first = rule.conditions[0]
  return rule.target.kind === 'value' && first?.operator === 'regex' && hasGroup(first.value)
}

/** Whether the earlier rule is in force on every day on which the later one is. */
const coversDays = (earlier: AttributionRule, later: AttributionRule): boolean =>
  (earlier.startDay === undefined || (later.startDay !== undefined && later.startDay >= earlier.startDay)) &&
  (earlier.endDay === undefined || (later.endDay !== undefined && later.endDay <= earlier.endDay))

/**
 * For each condition's key the rules that have it first, with the keys of all their conditions: rules are many, and each
 * is compared with those earlier ones only that could shadow it.
 */
const shadowsOf = (
  rules: readonly AttributionRule[],
): ReadonlyMap<string, readonly (readonly [index: number, keys: readonly string[]])[]> => {
  const shadows = new Map<string, (readonly [number, readonly string[]])[]>()
  rules.forEach((rule, index) => {
    const keys = rule.conditions.map(keyOf)
    const [first] = keys
    if (first === undefined || mayPassOn(rule)) return
    const own = shadows.get(first) ?? []
    shadows.set(first, own)
    own.push([index, keys])
  })
  return shadows
}

const neverMatches = (
  rules: readonly AttributionRule[],
  index: number,
  shadows: ReturnType<typeof shadowsOf>,
): Pick<Issue, 'code' | 'message'> | null => {
  const rule = rules[index]
  if (rule === undefined || rule.conditions.length === 0) return null
  const clash = contradiction(rule.conditions)
  if (clash !== null)
    return {
      code: 'rule_never_matches',
      message: `can never match: ${clash.map(describeCondition).join(' and ')} cannot both hold.`,
    }
  const keys = new Set(rule.conditions.map(keyOf))
  const shadow = Math.min(
    ...[...keys].flatMap((key) =>
      (shadows.get(key) ?? [])
        .filter(([position, needed]) => {
          const earlier = rules[position]
          return (
            position < index &&
            earlier !== undefined &&
            coversDays(earlier, rule) &&
            needed.every((each) => keys.has(each))
          )
        })
        .map(([position]) => position),
    ),
  )
  const by = rules[shadow]
  if (by === undefined) return null
  const why = by.conditions.length === keys.size ? 'has the same conditions' : 'asks for less'
  return {
    code: 'rule_is_never_reached',
    message: `can never match: ${named(by, shadow).replace('Rule', 'rule')} comes first and ${why}. Move it up or remove it.`,
  }
}

/** Fields with one text only; an account has an id and a name, which may each equal something else. */
const contradiction = (conditions: readonly RuleCondition[]): readonly RuleCondition[] | null => {
  const equal = conditions.filter(
    ({ field, operator }) => operator === 'equals' && field !== 'billing_account' && field !== 'sub_account',
  )
  const absent = conditions.find(
    ({ field, operator }) =>
      operator === 'absent' &&
      conditions.some((other) => other.field === field && other.operator !== 'absent'),
  )
  const there = conditions.find(({ field, operator }) => field === absent?.field && operator !== 'absent')
  if (absent !== undefined && there !== undefined) return [absent, there]
  for (const one of equal) {
    const other = equal.find(({ field, value }) => field === one.field && value !== one.value)
    if (other !== undefined) return [one, other]
  }
  return null
}
