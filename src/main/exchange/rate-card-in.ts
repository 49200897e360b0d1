/** One version of a rate card from the template's workbook, or the same layout as CSV. */
import { Decimal, type DecimalText, parseDecimal } from '../../domain/decimal.ts'
import type { Issue } from '../../domain/issue.ts'
import { parseCurrency } from '../../domain/money.ts'
import type { Charge, RateCard, Tier } from '../../domain/pricing/ratecard.ts'
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
  type SheetTable,
  type TemplateColumn,
} from './preview.ts'

/** A rate card's next version, as the file gives it. */
export interface RateCardDraft {
  readonly id: string
  readonly name: string
  readonly currency: string
  readonly effectiveFrom: string
  readonly charges: readonly Charge[]
}

export const RATE_CARD_SHEET = 'Rate card'
export const CHARGE_COLUMNS = [
  { key: 'id', title: 'Charge ID', required: true },
  { key: 'name', title: 'Charge name', required: true },
  { key: 'kind', title: 'Kind', required: true },
  { key: 'metric', title: 'Metric', required: false },
  { key: 'per', title: 'Per', required: false },
  { key: 'upTo', title: 'Tier up to', required: false },
  { key: 'unitAmount', title: 'Unit amount', required: false },
  { key: 'amount', title: 'Amount', required: false },
] as const satisfies readonly TemplateColumn[]
type Key = (typeof CHARGE_COLUMNS)[number]['key']

export const HEAD_LABELS = {
  id: 'Rate card ID',
  name: 'Name',
  currency: 'Currency',
  effectiveFrom: 'Effective from',
} as const
type HeadKey = keyof typeof HEAD_LABELS

export const KIND_WORDS = { flat_fee: 'flat fee', per_unit: 'per unit', graduated: 'graduated' } as const
type Kind = keyof typeof KIND_WORDS

/** What a charge of these kinds may say in a workbook: a charge that says more is written as JSON only. */
const MEMBERS: ReadonlySet<string> = new Set([
  'kind',
  'id',
  'name',
  'amount',
  'metric',
  'per',
  'unitAmount',
  'tiers',
])

/** Whether the columns hold all that a charge says. */
export const fitsWorkbook = (charge: Charge): boolean =>
  Object.hasOwn(KIND_WORDS, charge.kind) &&
  Object.keys(charge).every((member) => MEMBERS.has(member)) &&
  (charge.kind !== 'graduated' || charge.tiers.every(({ flatAmount }) => flatAmount === undefined))

/** The kind as its cell says it; of a charge that does not fit, words that are refused when they are read again. */
export const kindInWorkbook = (charge: Charge): string => {
  const words = charge.kind.replaceAll('_', ' ')
  return fitsWorkbook(charge) ? words : `${words} (in JSON only)`
}

/** Columns that say nothing for a kind and must be empty there. */
const FOREIGN: Readonly<Record<Kind, readonly Key[]>> = {
  flat_fee: ['metric', 'per', 'upTo', 'unitAmount'],
  per_unit: ['upTo', 'amount'],
  graduated: ['amount'],
}

const titleOf = (key: Key): string => CHARGE_COLUMNS.find((column) => column.key === key)?.title ?? key
const kindOf = (text: string): Kind | null => {
  const plain = text.toLowerCase().replace(/[\s_-]+/g, '_')
  return Object.hasOwn(KIND_WORDS, plain) ? (plain as Kind) : null
}

type Complain = (row: SheetRow, key: Key, code: string, message: string) => void

interface Head {
  readonly values: Readonly<Record<HeadKey, string>>
  readonly issues: readonly Issue[]
}

const readHead = ({ sheet, headerIndex }: SheetTable, existing: readonly RateCard[]): Head => {
  const issues: Issue[] = []
  const values = { id: '', name: '', currency: '', effectiveFrom: '' }
  const above = sheet.rows.slice(0, headerIndex)
  const say = (key: HeadKey, code: string, message: string) => {
    const row = above.find(({ cells }) => cells[0]?.text === HEAD_LABELS[key])?.row ?? 1
    issues.push(issueAt(sheet.name, row, HEAD_LABELS[key], code, message))
  }
  for (const key of Object.keys(HEAD_LABELS) as HeadKey[]) {
    const cell = above.find(({ cells }) => cells[0]?.text.toLowerCase() === HEAD_LABELS[key].toLowerCase())
      ?.cells[1]
    values[key] = cell?.text ?? ''
    if (cell?.fault !== undefined) say(key, 'cell_cannot_be_read', `the cell ${cell.fault}.`)
    else if (values[key] === '') say(key, 'head_is_incomplete', 'this is empty; fill it in above the table.')
  }
  const currency = parseCurrency(values.currency)
  if (values.currency !== '' && currency === null)
    say(
      'currency',
      'currency_is_none',
      `"${values.currency}" is no currency code; write three letters such as USD.`,
    )
  if (currency !== null) values.currency = currency
  if (
    values.effectiveFrom !== '' &&
    !issues.some(({ column }) => column === HEAD_LABELS.effectiveFrom) &&
    !isDay(values.effectiveFrom)
  )
    say('effectiveFrom', 'day_is_none', `"${values.effectiveFrom}" is no day; write it as 2026-10-01.`)
  const known = existing.find(({ id }) => id === values.id)
  if (known !== undefined && currency !== null && known.currency !== currency)
    say(
      'currency',
      'currency_has_changed',
      `the rate card "${known.id}" is in ${known.currency} and cannot change its currency; use another ID.`,
    )
  const last = known?.versions.at(-1)
  if (last !== undefined && isDay(values.effectiveFrom) && values.effectiveFrom < last.effectiveFrom)
    say(
      'effectiveFrom',
      'version_begins_too_early',
      `version ${last.version} holds from ${last.effectiveFrom}; a later version cannot begin before it.`,
    )
  return { values, issues }
}

const chargeOf = (
  rows: readonly SheetRow[],
  metrics: ReadonlySet<string>,
  complain: Complain,
): Charge | null => {
  const first = rows[0]
  if (first === undefined) return null
  const shared = (key: Key): string => {
    const row = rows.find(({ values }) => values[key] !== '')
    const value = row?.values[key] ?? ''
    for (const other of rows)
      if ((other.values[key] ?? '') !== '' && other.values[key] !== value)
        complain(
          other,
          key,
          'rows_of_a_charge_disagree',
          `"${other.values[key]}" differs from "${value}" in row ${row?.row} of the same charge; write one of them in both.`,
        )
    return value
  }
  const decimal = (row: SheetRow, key: Key, fallback: DecimalText | null = null): DecimalText => {
    const text = row.values[key] ?? ''
    const value = text === '' ? fallback : parseDecimal(text)
    if (value !== null && !value.startsWith('-')) return value
    if (text === '')
      complain(row, key, 'number_is_missing', 'a number is missing here; write one, 0 if it is free.')
    else if (value !== null)
      complain(
        row,
        key,
        'number_is_negative',
        `"${text}" is negative; a price is 0 or more, and a discount belongs to the contract.`,
      )
    else
      complain(
        row,
        key,
        'number_is_none',
        `"${text}" is no plain number; write it without currency sign and thousands separators, as 1234.56.`,
      )
    return '0' as DecimalText
  }
  const id = first.values.id ?? ''
  const name = shared('name')
  if (name === '')
    complain(first, 'name', 'charge_name_is_missing', 'the charge has no name; the invoice line needs one.')
  const kindText = shared('kind')
  const kind = kindOf(kindText)
  if (kind === null) {
    complain(
      first,
      'kind',
      'kind_is_unknown',
      `"${kindText}" is no kind of charge that a workbook holds; write ${Object.values(KIND_WORDS).join(', ')}, or write the card as JSON.`,
    )
    return null
  }
  for (const row of rows)
    for (const key of FOREIGN[kind])
      if ((row.values[key] ?? '') !== '')
        complain(
          row,
          key,
          'value_does_not_belong',
          `a ${KIND_WORDS[kind]} charge has none; leave the cell empty.`,
        )
  if (kind !== 'graduated' && rows[1] !== undefined)
    complain(
      rows[1],
      'id',
      'charge_id_is_used_twice',
      `the charge "${id}" is already in row ${first.row}; only a graduated charge takes several rows. Give it its own ID.`,
    )
  if (kind === 'flat_fee') return { kind, id, name, amount: decimal(first, 'amount') }
  const metric = shared('metric')
  if (!metrics.has(metric))
    complain(
      first,
      'metric',
      'metric_is_unknown',
      metric === ''
        ? 'the charge has no metric; write the one it prices.'
        : `there is no metric "${metric}"; write one of the book's metrics: ${[...metrics].join(', ')}.`,
    )
  const perRow = rows.find(({ values }) => values.per !== '') ?? first
  shared('per')
  const per = decimal(perRow, 'per', '1' as DecimalText)
  if (per === '0')
    complain(perRow, 'per', 'per_is_zero', 'a price per 0 units says nothing; write 1 or more.')
  if (kind === 'per_unit') return { kind, id, name, metric, unitAmount: decimal(first, 'unitAmount'), per }
  const tiers = rows.map((row): Tier => {
    const upTo = (row.values.upTo ?? '') === '' ? null : decimal(row, 'upTo')
    return { upTo, unitAmount: decimal(row, 'unitAmount') }
  })
  checkTiers(rows, tiers, complain)
  return { kind, id, name, metric, per, tiers }
}

const checkTiers = (rows: readonly SheetRow[], tiers: readonly Tier[], complain: Complain): void => {
  let edge: DecimalText = '0' as DecimalText
  rows.forEach((row, index) => {
    const upTo = tiers[index]?.upTo ?? null
    const last = index === rows.length - 1
    if (upTo === null && !last)
      complain(
        row,
        'upTo',
        'tier_has_no_edge',
        'only the last tier may be without an edge; write up to how many units it goes.',
      )
    if (upTo !== null && last)
      complain(
        row,
        'upTo',
        'last_tier_has_an_edge',
        `units above ${upTo} would have no price; leave the last tier's edge empty, or add a tier.`,
      )
    if (upTo !== null && new Decimal(upTo).lte(edge))
      complain(
        row,
        'upTo',
        'tiers_do_not_rise',
        `${upTo} is not above ${edge}, where the tier begins; put the tiers in rising order.`,
      )
    if (upTo !== null) edge = upTo
  })
}

/** Rows of one charge follow each other; the same ID further down is another charge with a taken ID. */
const groupRows = (table: SheetTable, complain: Complain): readonly (readonly SheetRow[])[] => {
  const groups: SheetRow[][] = []
  const seen = new Map<string, number>()
  for (const row of table.rows) {
    const id = row.values.id ?? ''
    const open = groups.at(-1)
    const earlier = seen.get(id)
    if (id === '')
      complain(
        row,
        'id',
        'charge_id_is_missing',
        'the charge has no ID; repeat it on each row of a graduated charge.',
      )
    else if (open !== undefined && open[0]?.values.id === id) open.push(row)
    else if (earlier !== undefined)
      complain(
        row,
        'id',
        'charge_id_is_used_twice',
        `the charge "${id}" is already in row ${earlier}; put its rows together, or give this one its own ID.`,
      )
    else {
      seen.set(id, row.row)
      groups.push([row])
    }
  }
  return groups
}

/**
 * Reads one version of a rate card from an `.xlsx` or CSV file in the template's layout: a head block, then
 * one row per charge, or per tier of a graduated charge. States compare with the latest version of the card
 * in `existing`. Prices are taken exactly as written.
 */
export const readRateCardWorkbook = async (
  bytes: Uint8Array,
  metrics: readonly string[],
  existing: readonly RateCard[] = [],
): Promise<Preview<RateCardDraft>> => {
  const sheets = await readSheets(bytes)
  if ('severity' in sheets) return failedPreview(sheets)
  const table = readTable(sheets, RATE_CARD_SHEET, CHARGE_COLUMNS)
  if ('severity' in table) return failedPreview(table)
  const complain: Complain = (row, key, code, message) => {
    row.issues.push(issueAt(table.sheet.name, row.row, titleOf(key), code, message))
  }
  const head = readHead(table, existing)
  const latest = existing.find(({ id }) => id === head.values.id)?.versions.at(-1)
  const known = new Map(latest?.charges.map((charge) => [charge.id, JSON.stringify(sorted(charge))]))
  const states = new Map<string, RowState>()
  const charges: Charge[] = []
  const metricNames = new Set(metrics)
  for (const rows of groupRows(table, complain)) {
    const charge = chargeOf(rows, metricNames, complain)
    if (charge !== null) charges.push(charge)
    const before = known.get(rows[0]?.values.id ?? '')
    const same = charge !== null && before === JSON.stringify(sorted(charge))
    const state = before === undefined ? 'new' : same ? 'unchanged' : 'changed'
    states.set(rows[0]?.values.id ?? '', rows.some(({ issues }) => hasError(issues)) ? 'error' : state)
  }
  const issues: Issue[] = [...table.issues, ...head.issues]
  if (table.rows.length === 0)
    issues.push({
      severity: 'error',
      code: 'no_rows',
      message: `${table.sheet.name} has no charges below its header. Add one a row.`,
    })
  for (const id of known.keys())
    if (!states.has(id))
      issues.push({
        severity: 'warning',
        code: 'charge_ends',
        message: `The charge "${id}" of version ${latest?.version} is not in the file and ends with the new version.`,
      })
  const rows = table.rows.map((row) => ({
    ...row,
    state: hasError(row.issues) ? 'error' : (states.get(row.values.id ?? '') ?? 'error'),
  }))
  return previewOf(rows, issues, () => ({ ...head.values, charges }))
}

/** Members in one order, so that equal charges have equal text. */
const sorted = (charge: Charge): object =>
  Object.fromEntries(
    Object.entries(charge)
      .map(([key, value]): [string, unknown] =>
        key === 'tiers'
          ? [key, (value as readonly Tier[]).map(({ upTo, unitAmount }) => [upTo, unitAmount])]
          : [key, value],
      )
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
