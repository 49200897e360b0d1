/** One version of a rate card from the template's workbook, or the same layout as CSV. */
import { CHARGES_MAX, cardTerms } from '../../contract/rate-cards.ts'
import { canonicalJson, type Json } from '../../domain/canonical.ts'
import type { Issue } from '../../domain/issue.ts'
import { parseCurrency } from '../../domain/money.ts'
import type { Charge, RateCard, RatingSettings } from '../../domain/pricing/ratecard.ts'
import { readSettings } from './card-settings.ts'
import { CHARGE_COLUMNS, titleOf } from './charge-columns.ts'
import { chargeFromRows } from './charge-from-rows.ts'
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
} from './preview.ts'
import type { Complain } from './price-from-rows.ts'

/** A rate card's next version, as the file gives it. */
export interface RateCardDraft {
  readonly id: string
  readonly name: string
  readonly currency: string
  readonly effectiveFrom: string
  readonly charges: readonly Charge[]
  readonly otherCurrencies?: { readonly [currency: string]: readonly Charge[] }
  /** Those of the version before where the file does not say them. */
  readonly settings?: RatingSettings
}

export const RATE_CARD_SHEET = 'Rate card'
export const HEAD_LABELS = {
  id: 'Rate card ID',
  name: 'Name',
  currency: 'Currency',
  effectiveFrom: 'Effective from',
  settings: 'Settings',
} as const
type HeadKey = keyof typeof HEAD_LABELS

/** What the head's texts may be, as the end of a sentence; the contract says so of every way in. */
const HEAD_BOUNDS = {
  id: 'may hold letters, digits and - _ . : @ only, at most 128 of them; write another one',
  name: 'is longer than 120 characters; shorten it',
} as const

interface Head {
  readonly values: Readonly<Record<HeadKey, string>>
  readonly issues: readonly Issue[]
}

const readHead = ({ sheet, headerIndex }: SheetTable, existing: readonly RateCard[]): Head => {
  const issues: Issue[] = []
  const values = { id: '', name: '', currency: '', effectiveFrom: '', settings: '' }
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
    else if (values[key] === '' && key !== 'settings')
      say(key, 'head_is_incomplete', 'this is empty; fill it in above the table.')
  }
  for (const key of ['id', 'name'] as const)
    if (values[key] !== '' && !cardTerms[key].safeParse(values[key]).success)
      say(key, 'head_is_out_of_bounds', `"${values[key].slice(0, 60)}" ${HEAD_BOUNDS[key]}.`)
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
  for (const problem of readSettings(values.settings).problems) say('settings', 'setting_is_unknown', problem)
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

/** The currency of a row's prices where it is not the card's own; null for that. */
const otherCurrencyOf = (row: SheetRow | undefined, own: string): string | null => {
  const text = row?.values.currency ?? ''
  const currency = parseCurrency(text) ?? text
  return text === '' || currency === own ? null : currency
}

const keyOf = (row: SheetRow | undefined, own: string): string =>
  JSON.stringify([otherCurrencyOf(row, own), row?.values.id ?? ''])

/**
 * Rows of one charge in one currency follow each other; the same ID further down is another charge with a taken ID.
 */
const groupRows = (table: SheetTable, own: string, complain: Complain): readonly (readonly SheetRow[])[] => {
  const groups: SheetRow[][] = []
  const seen = new Map<string, number>()
  for (const row of table.rows) {
    const id = row.values.id ?? ''
    const key = keyOf(row, own)
    const open = groups.at(-1)
    const earlier = seen.get(key)
    const other = otherCurrencyOf(row, own)
    if (other !== null && parseCurrency(other) === null)
      complain(
        row,
        'currency',
        'currency_is_none',
        `"${other}" is no currency code; write three letters such as EUR, or nothing for the card’s own.`,
      )
    if (id === '')
      complain(row, 'id', 'charge_id_is_missing', 'the charge has no ID; repeat it on each of its rows.')
    else if (open !== undefined && keyOf(open[0], own) === key) open.push(row)
    else if (earlier !== undefined)
      complain(
        row,
        'id',
        'charge_id_is_used_twice',
        `the charge "${id}" is already in row ${earlier}; put its rows together, or give this one its own ID.`,
      )
    else {
      seen.set(key, row.row)
      groups.push([row])
    }
  }
  return groups
}

/**
 * Reads one version of a rate card from an `.xlsx` or CSV file in the template's layout: a head block, then
 * one row per charge, or per tier, step, cell and band of one. States compare with the latest version of the card
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
  const complain: Complain = (row, key, code, message, severity) => {
    row.issues.push(issueAt(table.sheet.name, row.row, titleOf(key), code, message, severity))
  }
  const head = readHead(table, existing)
  const latest = existing.find(({ id }) => id === head.values.id)?.versions.at(-1)
  const own = head.values.currency
  const known = new Map(
    [[null, latest?.charges ?? []] as const, ...Object.entries(latest?.otherCurrencies ?? {})].flatMap(
      ([currency, charges]) =>
        charges.map((charge) => [JSON.stringify([currency, charge.id]), sorted(charge)] as const),
    ),
  )
  const states = new Map<string, RowState>()
  const priced = new Map<string | null, Charge[]>([[null, []]])
  const metricNames = new Set(metrics)
  const groups = groupRows(table, own, complain)
  for (const [currency, { length }] of Map.groupBy(groups, ([row]) => otherCurrencyOf(row, own)))
    if (length > CHARGES_MAX)
      return failedPreview({
        severity: 'error',
        code: 'too_many_charges',
        message: `${table.sheet.name} has ${length} charges${currency === null ? '' : ` in ${currency}`}, and a rate card has at most ${CHARGES_MAX}. Nothing was read.`,
      })
  for (const rows of groups) {
    const charge = chargeFromRows(rows, metricNames, complain)
    const currency = otherCurrencyOf(rows[0], own)
    if (charge !== null) priced.set(currency, [...(priced.get(currency) ?? []), charge])
    const key = keyOf(rows[0], own)
    const before = known.get(key)
    const same = charge !== null && before === sorted(charge)
    const state = before === undefined ? 'new' : same ? 'unchanged' : 'changed'
    states.set(key, rows.some(({ issues }) => hasError(issues)) ? 'error' : state)
  }
  const issues: Issue[] = [...table.issues, ...head.issues]
  if (table.rows.length === 0)
    issues.push({
      severity: 'error',
      code: 'no_rows',
      message: `${table.sheet.name} has no charges below its header. Add one a row.`,
    })
  const lacking = Object.keys(latest?.otherCurrencies ?? {}).filter((currency) => !priced.has(currency))
  if (lacking.length > 0)
    issues.push(
      table.keys.has('currency')
        ? {
            severity: 'warning',
            code: 'currency_ends',
            message: `The prices in ${lacking.join(', ')} of version ${latest?.version} are not in the file and end with the new version.`,
          }
        : {
            severity: 'error',
            code: 'card_has_other_currencies',
            message: `The card has prices in ${lacking.join(', ')} too, and the file has no column "Currency". Nothing was read; export the card and fill that in.`,
          },
    )
  for (const { id } of latest?.charges ?? [])
    if (!states.has(JSON.stringify([null, id])))
      issues.push({
        severity: 'warning',
        code: 'charge_ends',
        message: `The charge "${id}" of version ${latest?.version} is not in the file and ends with the new version.`,
      })
  const rows = table.rows.map((row) => ({
    ...row,
    state: hasError(row.issues) ? 'error' : (states.get(keyOf(row, own)) ?? 'error'),
  }))
  const { settings: settingsCell, ...values } = head.values
  const settings = readSettings(settingsCell).settings ?? latest?.settings ?? {}
  return previewOf(rows, issues, () => {
    const { '': charges = [], ...otherCurrencies } = Object.fromEntries(
      [...priced].map(([currency, list]) => [currency ?? '', list]),
    )
    return {
      ...values,
      charges,
      ...(Object.keys(otherCurrencies).length === 0 ? {} : { otherCurrencies }),
      ...(Object.keys(settings).length === 0 ? {} : { settings }),
    }
  })
}

/** Members in one order at every depth, so that equal charges have equal text. */
const sorted = (charge: Charge): string => canonicalJson(charge as unknown as Json)
