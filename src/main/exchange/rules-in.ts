/** Attribution rules from the workbook they were exported to, or the same table as CSV: the whole list, in order. */
import { RULES_MAX, rule as savedRule } from '../../contract/rules.ts'
import { describeField } from '../../domain/attribution/describe.ts'
import { isShortened } from '../../domain/attribution/propose.ts'
import {
  type AttributionRule,
  RULE_FIELDS,
  type RuleCondition,
  type RuleField,
  type RuleOperator,
} from '../../domain/attribution/rule.ts'
import { validateRules } from '../../domain/attribution/validate.ts'
import type { Issue } from '../../domain/issue.ts'
import { isDay } from './day.ts'
import { readSheets } from './grid.ts'
import {
  failedPreview,
  hasError,
  issueAt,
  type Preview,
  previewOf,
  type RowState,
  readTable,
  type SheetRow,
  type TemplateColumn,
} from './preview.ts'

export const RULES_SHEET = 'Rules'
export const RULE_COLUMNS = [
  { key: 'id', title: 'Rule ID', required: true },
  { key: 'name', title: 'Rule name', required: true },
  { key: 'field', title: 'Field', required: true },
  { key: 'operator', title: 'Operator', required: true },
  { key: 'value', title: 'Value', required: true },
  { key: 'tenant', title: 'Tenant', required: true },
  { key: 'startDay', title: 'First day', required: false },
  { key: 'endDay', title: 'End day', required: false },
] as const satisfies readonly TemplateColumn[]
type Key = (typeof RULE_COLUMNS)[number]['key']

export const OPERATOR_WORDS = {
  equals: 'is',
  prefix: 'begins with',
  regex: 'matches',
  present: 'is present',
  absent: 'is absent',
} as const satisfies Record<RuleOperator, string>

const titleOf = (key: Key): string => RULE_COLUMNS.find((column) => column.key === key)?.title ?? key

/** What a member of a rule stands in, for faults that the rules' own check finds. */
const columnOf = (path: string): Key => {
  if (/\.value$/.test(path)) return 'value'
  if (/\.operator$/.test(path)) return 'operator'
  if (/\.field$/.test(path)) return 'field'
  if (/target/.test(path)) return 'tenant'
  return /endDay$/.test(path) ? 'endDay' : 'id'
}

const fieldOf = (text: string): RuleField | null => {
  // After the colon a key stands as it is, quotation marks and all; in words it stands in them: tag "application".
  const [, exact, quoted, bare] = /^tag(?::\s*(.+)|\s+"(.+)"|\s+(.+))$/is.exec(text) ?? []
  const tag = exact ?? quoted ?? bare
  if (tag !== undefined) return `tag:${tag}`
  const plain = text.toLowerCase().replaceAll(' ', '_')
  return (
    RULE_FIELDS.find(
      (field) => field === plain || describeField(field).toLowerCase() === text.toLowerCase(),
    ) ?? null
  )
}

const operatorOf = (text: string): RuleOperator | null => {
  const plain = text.toLowerCase().trim()
  const found = Object.entries(OPERATOR_WORDS).find(([code, words]) => code === plain || words === plain)
  return (found?.[0] as RuleOperator | undefined) ?? null
}

interface Draft {
  readonly rule: AttributionRule
  readonly rows: readonly SheetRow[]
}

type Complain = (row: SheetRow, key: Key, code: string, message: string, severity?: Issue['severity']) => void

/** A value that a cell could not hold as it is: cells lose the white space around their text. */
export const quotedValue = (value: string): string => (/^\s|\s$|^".*"$/s.test(value) ? `"${value}"` : value)
const unquotedValue = (text: string): string => /^"(.*)"$/s.exec(text)?.[1] ?? text

const ACCOUNT_FIELDS: readonly string[] = ['sub_account', 'billing_account']
/** What AWS gives its accounts: as a number, one that begins with a zero is shorter. */
const ACCOUNT_DIGITS = 12

/** An account's number that went through a spreadsheet as a number may be another one now. */
const checkAccount = (row: SheetRow, value: string, complain: Complain): void => {
  if (isShortened(value))
    complain(
      row,
      'value',
      'account_is_shortened',
      `"${value}" is a number that a spreadsheet has shortened; format the column as text and write the account again.`,
    )
  else if (row.numbers.has('value') && /^\d+$/.test(value) && value.length < ACCOUNT_DIGITS)
    complain(
      row,
      'value',
      'account_is_a_number',
      `${value} is a number in the sheet, so that zeros it began with are lost; if it had any, format the cell as text and write it again.`,
      'warning',
    )
}

const conditionOf = (row: SheetRow, complain: Complain): RuleCondition | null => {
  const { field: fieldText = '', operator: operatorText = '', value: valueText = '' } = row.values
  const value = unquotedValue(valueText)
  const field = fieldOf(fieldText)
  const operator = operatorOf(operatorText)
  if (field === null)
    complain(
      row,
      'field',
      'field_is_unknown',
      `"${fieldText}" is no field; write a column such as service or sub account, or tag:application.`,
    )
  if (operator === null)
    complain(
      row,
      'operator',
      'operator_is_unknown',
      `"${operatorText}" is no operator; write one of ${Object.values(OPERATOR_WORDS).join(', ')}.`,
    )
  if (field === null || operator === null) return null
  if (ACCOUNT_FIELDS.includes(field)) checkAccount(row, value, complain)
  return { field, operator, value }
}

const dayOf = (row: SheetRow, key: 'startDay' | 'endDay', complain: Complain): string | undefined => {
  const text = row.values[key] ?? ''
  if (text === '') return undefined
  if (!isDay(text))
    complain(row, key, 'day_is_none', `"${text}" is no day; write it as 2026-04-01, or leave it empty.`)
  return text
}

/** Rows of one rule follow one another; its name, tenant and days stand in the first of them. */
const draftsOf = (rows: readonly SheetRow[], complain: Complain): readonly Draft[] => {
  const groups: SheetRow[][] = []
  for (const row of rows) {
    const id = row.values.id ?? ''
    const last = groups.at(-1)
    if (id === '' && last === undefined)
      complain(row, 'id', 'rule_has_no_id', 'the rule has no ID; give it one that no other rule has.')
    if (last !== undefined && (id === '' || id === last[0]?.values.id)) last.push(row)
    else groups.push([row])
  }
  return groups.flatMap((group): Draft[] => {
    const [first] = group
    if (first === undefined) return []
    const { id = '', name = '', tenant = '' } = first.values
    const startDay = dayOf(first, 'startDay', complain)
    const endDay = dayOf(first, 'endDay', complain)
    const conditions = group.flatMap((row) => conditionOf(row, complain) ?? [])
    const rule: AttributionRule = {
      id,
      name: name === '' ? id : name,
      conditions,
      target: tenant === '' ? { kind: 'value' } : { kind: 'tenant', tenant },
      ...(startDay === undefined ? {} : { startDay }),
      ...(endDay === undefined ? {} : { endDay }),
    }
    return [{ rule, rows: group }]
  })
}

/** What a member of a rule may be, as the end of a sentence; the contract says so of every way in. */
const BOUNDS: Readonly<Record<string, readonly [key: Key, words: string]>> = {
  id: ['id', 'may hold letters, digits and - _ . : @ only, at most 128 of them; write another one'],
  name: ['name', 'is longer than 120 characters; shorten it'],
  field: ['field', 'names a tag of more than 200 characters, which no rule can look at'],
  value: ['value', 'is longer than 500 characters; shorten it'],
  target: ['tenant', 'is longer than 200 characters; shorten it'],
  conditions: [
    'field',
    'is the eleventh condition of its rule, and a rule has at most 10; write a second rule',
  ],
}

/** Faults of one rule that the contract would refuse it for. */
const checkBounds = ({ rule: draft, rows }: Draft, complain: Complain): void => {
  if (rows.some(({ issues }) => hasError(issues))) return
  for (const { path } of savedRule.safeParse(draft).error?.issues ?? []) {
    const [member, place, inner] = path
    const [key, words] = BOUNDS[String(inner ?? member)] ?? []
    const row = rows[inner === undefined ? (member === 'conditions' ? 10 : 0) : Number(place)] ?? rows[0]
    if (row === undefined || key === undefined || words === undefined) continue
    const text = row.values[key] ?? ''
    complain(
      row,
      key,
      'rule_is_out_of_bounds',
      `"${text.slice(0, 60)}${text.length > 60 ? '…' : ''}" ${words}.`,
    )
  }
}

/** Faults that the rules' own check finds, at the row and column they stand in. */
const placeIssues = (drafts: readonly Draft[], sheet: string): void => {
  // A rule with a row that could not be read is checked no further: what is missing is said already.
  const whole = drafts.filter(({ rows }) => !rows.some(({ issues }) => hasError(issues)))
  for (const issue of validateRules(whole.map(({ rule }) => rule))) {
    const column = issue.column ?? ''
    const draft = whole[Number(/^rules\[(\d+)\]/.exec(column)?.[1] ?? -1)]
    const row = draft?.rows[Number(/conditions\[(\d+)\]/.exec(column)?.[1] ?? 0)] ?? draft?.rows[0]
    row?.issues.push(
      issueAt(sheet, row.row, titleOf(columnOf(column)), issue.code, issue.message, issue.severity),
    )
  }
}

const same = (a: AttributionRule, b: AttributionRule): boolean =>
  JSON.stringify([a.name, a.conditions, a.target, a.startDay, a.endDay]) ===
  JSON.stringify([b.name, b.conditions, b.target, b.startDay, b.endDay])

/**
 * Reads the rules from an `.xlsx` or CSV file in the exported columns. The list is taken whole: the order of the rows is
 * the order in which the rules are tried, and rules that the file lacks end with it. Null where anything is wrong.
 */
export const readRulesWorkbook = async (
  bytes: Uint8Array,
  existing: readonly AttributionRule[],
): Promise<Preview<readonly AttributionRule[]>> => {
  const sheets = await readSheets(bytes)
  if ('severity' in sheets) return failedPreview(sheets)
  const table = readTable(sheets, RULES_SHEET, RULE_COLUMNS)
  if ('severity' in table) return failedPreview(table)
  const complain: Complain = (row, key, code, message, severity = 'error') => {
    row.issues.push(issueAt(table.sheet.name, row.row, titleOf(key), code, message, severity))
  }
  const drafts = draftsOf(table.rows, complain)
  // A list of any length would be compared rule by rule, which holds up all other work.
  if (drafts.length > RULES_MAX)
    return failedPreview({
      severity: 'error',
      code: 'too_many_rules',
      message: `${table.sheet.name} has ${drafts.length} rules, and a book has at most ${RULES_MAX}. Nothing was read. Let one rule name the tenant by its account or tag in place of a rule for each.`,
    })
  for (const draft of drafts) checkBounds(draft, complain)
  placeIssues(drafts, table.sheet.name)
  const known = new Map(existing.map((rule) => [rule.id, rule]))
  const stateOf = ({ rule, rows }: Draft): RowState => {
    if (rows.some(({ issues }) => hasError(issues))) return 'error'
    const before = known.get(rule.id)
    return before === undefined ? 'new' : same(before, rule) ? 'unchanged' : 'changed'
  }
  const states = new Map(drafts.flatMap((draft) => draft.rows.map((row) => [row, stateOf(draft)] as const)))
  const listed = new Set(drafts.map(({ rule }) => rule.id))
  const gone = existing.filter(({ id }) => !listed.has(id))
  const issues: Issue[] = [
    ...table.issues,
    ...(table.rows.length === 0
      ? [
          {
            severity: 'error' as const,
            code: 'no_rows',
            message: `${table.sheet.name} has no rules below its header. Add one a row.`,
          },
        ]
      : []),
    ...(gone.length === 0
      ? []
      : [
          {
            severity: 'warning' as const,
            code: 'rules_end',
            message: `${gone.length === 1 ? '1 rule of the book is' : `${gone.length} rules of the book are`} not in the file and ${gone.length === 1 ? 'ends' : 'end'} with it: ${gone.map(({ name }) => name).join(', ')}.`,
          },
        ]),
  ]
  return previewOf(
    table.rows.map((row) => ({ ...row, state: states.get(row) ?? 'error' })),
    issues,
    () => drafts.map(({ rule }) => rule),
  )
}
