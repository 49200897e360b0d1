/** The rules as a workbook, to be edited and read back by `rules-in.ts`. */
import type { AttributionRule } from '../../domain/attribution/rule.ts'
import { newWorkbook, workbookBytes } from './formula-sheet.ts'
import { OPERATOR_WORDS, quotedValue, RULE_COLUMNS, RULES_SHEET } from './rules-in.ts'
import { addForm, addHelp, frozenAt, type Row, TEXT } from './templates.ts'

const WIDTHS = [22, 32, 24, 14, 40, 24, 14, 14]

const rowsOf = (rule: AttributionRule): readonly Row[] =>
  rule.conditions.map(({ field, operator, value }, index): Row => {
    const first = index === 0
    return [
      rule.id,
      first ? rule.name : null,
      field,
      OPERATOR_WORDS[operator],
      operator === 'present' || operator === 'absent' ? null : quotedValue(value),
      first && rule.target.kind === 'tenant' ? rule.target.tenant : null,
      first ? (rule.startDay ?? null) : null,
      first ? (rule.endDay ?? null) : null,
    ].map((text) => [TEXT, text] as const)
  })

const EXAMPLE: readonly AttributionRule[] = [
  {
    id: 'by-tag',
    name: 'Application tag',
    conditions: [{ field: 'tag:application', operator: 'present', value: '' }],
    target: { kind: 'value' },
  },
  {
    id: 'acme-functions',
    name: 'Acme’s functions until they moved',
    conditions: [
      { field: 'resource_id', operator: 'prefix', value: 'arn:aws:lambda:eu-central-1:123456789012:' },
      { field: 'service', operator: 'equals', value: 'AWS Lambda' },
    ],
    target: { kind: 'tenant', tenant: 'acme' },
    endDay: '2026-04-01',
  },
]

/** The rules of the book as a sheet, with an example and help beside it. */
export const writeRulesTemplate = (
  rules: readonly AttributionRule[],
  writtenAtMs: number,
): Promise<Uint8Array> => {
  const workbook = newWorkbook(writtenAtMs)
  const columns = RULE_COLUMNS.map(({ title }, index) => ({
    title,
    width: WIDTHS[index] ?? 16,
    column: TEXT,
  }))
  addForm(workbook.addWorksheet(RULES_SHEET, frozenAt(1)), 1, columns, rules.flatMap(rowsOf))
  addForm(workbook.addWorksheet('Example', frozenAt(1)), 1, columns, EXAMPLE.flatMap(rowsOf))
  addHelp(workbook, [
    'Edit the sheet "Rules"; the sheet "Example" is not read.',
    'One condition a row. Rows with the same Rule ID below one another are one rule; all of its conditions must hold.',
    'The order of the rows is the order in which rules are tried: the first that matches a cost takes it.',
    'Field: a column of the cost such as service, sub_account or charge_category, or tag:application for a tag.',
    `Operator: ${Object.values(OPERATOR_WORDS).join(', ')}. The last two need no value.`,
    'Value: as text, so that account 012345678901 keeps its zero; in quotation marks where it begins or ends with a space.',
    'Tenant: who the cost belongs to. Empty: the tenant named by the text of the rule’s first condition.',
    'First day and End day: days of service, as 2026-04-01; the rule no longer holds on the End day. Empty: always.',
    'The list is taken whole: a rule that is not in the file ends with it. One error and nothing is saved.',
  ])
  return workbookBytes(workbook)
}
