/** Fields and operators of a condition, as choices in a list. */
import { describeField } from '../../domain/attribution/describe.ts'
import { RULE_FIELDS, type RuleField } from '../../domain/attribution/rule.ts'

/** `Sub account name`, as a choice in a list. */
const labelOf = (field: RuleField): string => {
  const words = describeField(field)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export const FIELD_LABELS = Object.fromEntries(
  RULE_FIELDS.map((field) => [field, labelOf(field)]),
) as Readonly<Record<(typeof RULE_FIELDS)[number], string>>

export const OPERATORS = [
  { value: 'equals', label: 'is' },
  { value: 'prefix', label: 'begins with' },
  { value: 'regex', label: 'matches the pattern' },
  { value: 'present', label: 'is present' },
  { value: 'absent', label: 'is absent' },
] as const
