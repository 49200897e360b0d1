/** Customers and their tenants from the template's workbook, or the same table as CSV. */
import { customer } from '../../contract/customers.ts'
import type { Issue } from '../../domain/issue.ts'
import { parseCurrency } from '../../domain/money.ts'
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

export interface CustomerRecord {
  readonly id: string
  readonly name: string
  readonly email: string | null
  /** ISO 4217. */
  readonly currency: string | null
  readonly tenants: readonly string[]
  readonly rateCardId: string | null
}

export const CUSTOMERS_SHEET = 'Customers'
export const CUSTOMER_COLUMNS = [
  { key: 'id', title: 'Customer ID', required: true },
  { key: 'name', title: 'Customer name', required: true },
  { key: 'email', title: 'Email', required: false },
  { key: 'currency', title: 'Currency', required: false },
  { key: 'tenants', title: 'Tenants', required: false },
  { key: 'rateCard', title: 'Rate card', required: false },
] as const satisfies readonly TemplateColumn[]
type Key = (typeof CUSTOMER_COLUMNS)[number]['key']
/** What all rows of one customer must agree on, where they say anything. */
const SINGLE: readonly Key[] = ['name', 'email', 'currency', 'rateCard']

const titleOf = (key: Key): string => CUSTOMER_COLUMNS.find((column) => column.key === key)?.title ?? key

interface Draft {
  readonly rows: SheetRow[]
  readonly values: Map<Key, string>
  readonly tenants: Set<string>
}

type Complain = (row: SheetRow, key: Key, code: string, message: string, severity?: Issue['severity']) => void

const draftsOf = (table: SheetTable, complain: Complain): ReadonlyMap<string, Draft> => {
  const drafts = new Map<string, Draft>()
  for (const row of table.rows) {
    const id = row.values.id ?? ''
    if (id === '') {
      complain(
        row,
        'id',
        'customer_id_is_missing',
        'the customer has no ID; give it one that no other customer has.',
      )
      continue
    }
    const draft: Draft = drafts.get(id) ?? { rows: [], values: new Map(), tenants: new Set() }
    drafts.set(id, draft)
    draft.rows.push(row)
    for (const key of SINGLE) {
      const value = row.values[key] ?? ''
      const earlier = draft.values.get(key)
      if (value === '') continue
      if (earlier === undefined) draft.values.set(key, value)
      else if (earlier !== value)
        complain(
          row,
          key,
          'rows_of_a_customer_disagree',
          `"${value}" differs from "${earlier}" in row ${draft.rows[0]?.row} of the same customer; write one of them in both.`,
        )
    }
    for (const tenant of (row.values.tenants ?? '').split(/[;\n]/).map((part) => part.trim()))
      if (tenant !== '') draft.tenants.add(tenant)
  }
  return drafts
}

/** A tenant belongs to one customer, in the file and in the book together. */
const checkTenants = (
  drafts: ReadonlyMap<string, Draft>,
  existing: readonly CustomerRecord[],
  complain: Complain,
): void => {
  const owners = new Map<string, string>()
  for (const { id, tenants } of existing)
    if (!drafts.has(id)) for (const tenant of tenants) owners.set(tenant, id)
  for (const [id, { tenants, rows }] of drafts)
    for (const tenant of tenants) {
      const owner = owners.get(tenant)
      const row = rows.find(({ values }) =>
        values.tenants?.split(/[;\n]/).some((part) => part.trim() === tenant),
      )
      if (owner === undefined) owners.set(tenant, id)
      else if (row !== undefined)
        complain(
          row,
          'tenants',
          'tenant_belongs_to_another_customer',
          `the tenant "${tenant}" already belongs to customer "${owner}"; a tenant has one customer. Remove it from one of the two.`,
        )
    }
}

const sameRecord = (a: CustomerRecord, b: CustomerRecord): boolean =>
  a.name === b.name &&
  a.email === b.email &&
  a.currency === b.currency &&
  a.rateCardId === b.rateCardId &&
  a.tenants.length === b.tenants.length &&
  a.tenants.every((tenant) => b.tenants.includes(tenant))

/** The record a customer's rows make. A column that the file lacks leaves what is known; an empty cell empties it. */
const recordOf = (
  id: string,
  draft: Draft,
  known: CustomerRecord | undefined,
  keys: ReadonlySet<string>,
  rateCards: readonly RateCardName[],
  complain: Complain,
): CustomerRecord => {
  const say = (key: Key, code: string, message: string) => {
    const row = draft.rows.find(({ values }) => values[key] !== '') ?? draft.rows[0]
    if (row !== undefined) complain(row, key, code, message)
  }
  const { values } = draft
  const name = values.get('name') ?? ''
  if (name === '') say('name', 'customer_name_is_missing', 'the customer has no name; give it one.')
  else if (!customer.shape.name.safeParse(name).success)
    say(
      'name',
      'customer_is_out_of_bounds',
      `"${name.slice(0, 60)}…" is longer than 200 characters; shorten it.`,
    )
  if (!customer.shape.id.safeParse(id).success)
    say(
      'id',
      'customer_is_out_of_bounds',
      `"${id.slice(0, 60)}" may hold letters, digits and - _ . : @ only, at most 128 of them; write another one.`,
    )
  const long = [...draft.tenants].find((tenant) => !customer.shape.tenants.safeParse([tenant]).success)
  if (long !== undefined)
    say(
      'tenants',
      'customer_is_out_of_bounds',
      `the tenant "${long.slice(0, 60)}…" is longer than 500 characters, which no usage can name.`,
    )
  const email = values.get('email') ?? null
  if (!customer.shape.email.safeParse(email).success)
    say(
      'email',
      'email_is_none',
      `"${email}" is no email address; write one such as billing@example.com, or leave it empty.`,
    )
  const currency = values.get('currency') ?? null
  if (currency !== null && parseCurrency(currency) === null)
    say(
      'currency',
      'currency_is_none',
      `"${currency}" is no currency code; write three letters such as USD, or leave it empty.`,
    )
  const card = values.get('rateCard') ?? null
  const rateCard = rateCards.find((one) => one.id === card) ?? rateCards.find((one) => one.name === card)
  if (card !== null && rateCard === undefined)
    say(
      'rateCard',
      'rate_card_is_unknown',
      `there is no rate card "${card}"; write the ID or name of one that exists, or leave it empty.`,
    )
  return {
    id,
    name,
    email: keys.has('email') ? email : (known?.email ?? null),
    currency: keys.has('currency') ? currency && parseCurrency(currency) : (known?.currency ?? null),
    tenants: keys.has('tenants') ? [...draft.tenants] : (known?.tenants ?? []),
    rateCardId: keys.has('rateCard') ? (rateCard?.id ?? null) : (known?.rateCardId ?? null),
  }
}

export interface RateCardName {
  readonly id: string
  readonly name: string
}

/**
 * Reads customers from an `.xlsx` or CSV file in the template's columns. A customer may take several rows,
 * one tenant each, or one row with tenants separated by semicolons. Customers that the file does not name
 * stay as they are. The result holds the new and changed records, whole; null where anything is wrong.
 */
export const readCustomersWorkbook = async (
  bytes: Uint8Array,
  existing: readonly CustomerRecord[],
  rateCards: readonly RateCardName[],
): Promise<Preview<readonly CustomerRecord[]>> => {
  const sheets = await readSheets(bytes)
  if ('severity' in sheets) return failedPreview(sheets)
  const table = readTable(sheets, CUSTOMERS_SHEET, CUSTOMER_COLUMNS)
  if ('severity' in table) return failedPreview(table)
  const complain: Complain = (row, key, code, message, severity) => {
    row.issues.push(issueAt(table.sheet.name, row.row, titleOf(key), code, message, severity))
  }
  const drafts = draftsOf(table, complain)
  const knownById = new Map(existing.map((customer) => [customer.id, customer]))
  const records = [...drafts].map(([id, draft]) =>
    recordOf(id, draft, knownById.get(id), table.keys, rateCards, complain),
  )
  checkTenants(drafts, existing, complain)
  const stateOf = (record: CustomerRecord): RowState => {
    if (drafts.get(record.id)?.rows.some(({ issues }) => hasError(issues))) return 'error'
    const known = knownById.get(record.id)
    return known === undefined ? 'new' : sameRecord(known, record) ? 'unchanged' : 'changed'
  }
  const states = new Map(records.map((record) => [record.id, stateOf(record)]))
  const empty: readonly Issue[] =
    table.rows.length > 0
      ? []
      : [
          {
            severity: 'error',
            code: 'no_rows',
            message: `${table.sheet.name} has no customers below its header. Add one a row.`,
          },
        ]
  return previewOf(
    table.rows.map((row) => ({ ...row, state: states.get(row.values.id ?? '') ?? 'error' })),
    [...table.issues, ...empty],
    () => records.filter(({ id }) => states.get(id) === 'new' || states.get(id) === 'changed'),
  )
}
