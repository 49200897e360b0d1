/** Changes to a list of attribution rules while it is edited. Order matters: the first match wins. */

import { describeRule } from '../../../domain/attribution/describe.ts'
import type { AttributionRule, RuleCondition, RuleField } from '../../../domain/attribution/rule.ts'
import { validateRules } from '../../../domain/attribution/validate.ts'

/** An id that no rule has: `rule-1`, `rule-2` and so on. */
export const freeId = (rules: readonly AttributionRule[]): string => {
  const taken = new Set(rules.map((rule) => rule.id))
  let number = rules.length + 1
  while (taken.has(`rule-${number}`)) number += 1
  return `rule-${number}`
}

/** A rule that looks at the field; where the field is a tag its value names the tenant, as tags mostly do. */
export const newRule = (rules: readonly AttributionRule[], field: RuleField, value = ''): AttributionRule => {
  const byTag = value === '' && field.startsWith('tag:')
  return {
    id: freeId(rules),
    name: '',
    conditions: [{ field, operator: byTag ? 'present' : 'equals', value }],
    target: byTag ? { kind: 'value' } : { kind: 'tenant', tenant: '' },
  }
}

export const moved = (
  rules: readonly AttributionRule[],
  index: number,
  by: -1 | 1,
): readonly AttributionRule[] => {
  const target = index + by
  const rule = rules[index]
  const other = rules[target]
  if (rule === undefined || other === undefined) return rules
  return rules.map((each, i) => (i === index ? other : i === target ? rule : each))
}

/** Indexes of the rules whose name, id or words hold the text; all of them where it is empty. */
export const found = (rules: readonly AttributionRule[], text: string): readonly number[] => {
  const wanted = text.trim().toLowerCase()
  return rules.flatMap((rule, index) =>
    wanted === '' || `${rule.id} ${rule.name} ${describeRule(rule)}`.toLowerCase().includes(wanted)
      ? [index]
      : [],
  )
}

/** The rule at an index put to another; the others keep their order. */
export const placed = (
  rules: readonly AttributionRule[],
  index: number,
  to: number,
): readonly AttributionRule[] => {
  const rule = rules[index]
  return rule === undefined ? rules : rules.toSpliced(index, 1).toSpliced(to, 0, rule)
}

export const withCondition = (
  rule: AttributionRule,
  index: number,
  change: Partial<RuleCondition>,
): AttributionRule => ({
  ...rule,
  conditions: rule.conditions.map((each, i) => (i === index ? { ...each, ...change } : each)),
})

/** The name that a rule without one goes by. */
export const nameOf = (rule: AttributionRule, index: number): string =>
  rule.name.trim() === '' ? `Rule ${index + 1}` : rule.name.trim()

/** Rules as they are asked about and saved: each with a name. */
export const named = (rules: readonly AttributionRule[]): readonly AttributionRule[] =>
  rules.map((rule, index) => ({ ...rule, name: nameOf(rule, index) }))

/** Indexes of rules that have an error: they can neither be saved nor tried. */
export const unusable = (rules: readonly AttributionRule[]): ReadonlySet<number> =>
  new Set(
    validateRules(rules)
      .filter((issue) => issue.severity === 'error')
      .map((issue) => Number(/^rules\[(\d+)\]/.exec(issue.column ?? '')?.[1] ?? -1)),
  )
