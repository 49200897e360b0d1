/** Rules in words, as the screens and the command line show them. */
import { tagKeyOf } from './match.ts'
import type { AttributionRule, RuleCondition, RuleField } from './rule.ts'

/** `sub_account_name` as people read it. */
const fieldWords = (field: string): string => field.replaceAll('_', ' ').replace(/\bsku\b/, 'SKU')

export const describeField = (field: RuleField): string => {
  const key = tagKeyOf(field)
  return key === null ? fieldWords(field) : `tag "${key}"`
}

/** `service is "Amazon S3"`. */
export const describeCondition = ({ field, operator, value }: RuleCondition): string => {
  const words = describeField(field)
  switch (operator) {
    case 'equals':
      return `${words} is "${value}"`
    case 'prefix':
      return `${words} begins with "${value}"`
    case 'regex':
      return `${words} matches /${value}/`
    case 'present':
      return `${words} is present`
    case 'absent':
      return `${words} is absent`
  }
}

/** Whether the pattern has a capturing group: it then gives the tenant of a `value` target. */
export const hasGroup = (pattern: string): boolean => {
  try {
    return (new RegExp(`${pattern}|`).exec('')?.length ?? 1) > 1
  } catch {
    return false
  }
}

const describeTenant = (rule: AttributionRule): string => {
  if (rule.target.kind === 'tenant') return `belongs to tenant "${rule.target.tenant}"`
  const first = rule.conditions[0]
  if (first === undefined) return 'belongs to nobody'
  const words = describeField(first.field)
  return first.operator === 'regex' && hasGroup(first.value)
    ? `belongs to the tenant named by the first group of its ${words}`
    : `belongs to the tenant named by its ${words}`
}

/** `from 2026-04-01 on` and its like; null where the rule holds always. */
export const describeDays = ({
  startDay,
  endDay,
}: Pick<AttributionRule, 'startDay' | 'endDay'>): string | null => {
  if (startDay !== undefined && endDay !== undefined) return `from ${startDay} until before ${endDay}`
  if (startDay !== undefined) return `from ${startDay} on`
  return endDay === undefined ? null : `until before ${endDay}`
}

/**
 * `Cost whose tag "application" is present and region is "eu-west-1" belongs to the tenant named by its tag
 * "application", from 2026-04-01 on.`
 */
export const describeRule = (rule: AttributionRule): string => {
  if (rule.conditions.length === 0) return 'Claims nothing: it has no condition.'
  const days = describeDays(rule)
  return `Cost whose ${rule.conditions.map(describeCondition).join(' and ')} ${describeTenant(rule)}${days === null ? '' : `, ${days}`}.`
}
