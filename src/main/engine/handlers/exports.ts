import { readFile } from 'node:fs/promises'
import type { Customer } from '../../../contract/customers.ts'
import type { AttributionRule } from '../../../domain/attribution/rule.ts'
import { type DecimalText, parseDecimal, sumDecimals } from '../../../domain/decimal.ts'
import type { PastInvoice } from '../../../domain/invoice/past.ts'
import { dayOf, type Month, monthPeriod } from '../../../domain/period.ts'
import type { Contract } from '../../../domain/pricing/contract.ts'
import { validateRateCardVersion } from '../../../domain/pricing/validate.ts'
import { quoteInWords } from '../../../domain/rates/rates.ts'
import { type CustomerRecord, readCustomersWorkbook } from '../../exchange/customers-in.ts'
import { writeMonthWorkbook } from '../../exchange/month-workbook.ts'
import { readPastInvoicesWorkbook } from '../../exchange/past-invoices-in.ts'
import { readPastInvoicesJson } from '../../exchange/past-invoices-json.ts'
import { writePastInvoicesTemplate } from '../../exchange/past-invoices-template.ts'
import type { Preview } from '../../exchange/preview.ts'
import { type RateCardDraft, readRateCardWorkbook } from '../../exchange/rate-card-in.ts'
import { ExchangeRefusal } from '../../exchange/refusal.ts'
import { readRulesWorkbook } from '../../exchange/rules-in.ts'
import { writeRulesTemplate } from '../../exchange/rules-template.ts'
import { writeCsv, writeXlsx } from '../../exchange/table.ts'
import { writeCustomersTemplate, writeRateCardCsv, writeRateCardTemplate } from '../../exchange/templates.ts'
import type { Put } from '../documents.ts'
import { api, type EngineState } from '../engine-state.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { keepPastInvoices, pastInvoiceIssues } from '../past-invoices.ts'
import { notFound, refused } from '../refusals.ts'
import { marginReport } from '../reports/margin.ts'
import { type InvoiceOfMonth, invoicesOf, revenueOf } from '../reports/revenue.ts'
import { customersOf, metricsOf, type Session } from '../session.ts'
import { checkTenants, nextVersionOf } from './customers.ts'

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const WORKBOOK_BYTES_MAX = 50_000_000

const fileOf = (name: string, content: Uint8Array | string, type: string): File =>
  new File([typeof content === 'string' ? content : new Uint8Array(content)], name, { type })

/** A file name that every system takes. */
const fileName = (title: string) =>
  title
    .replace(/[^\p{L}\p{N} ._-]+/gu, ' ')
    .trim()
    .slice(0, 100) || 'export'

const totalOf = (rows: readonly Readonly<Record<string, string | null>>[], key: string): DecimalText =>
  sumDecimals(rows.flatMap((row) => (row[key] == null ? [] : (parseDecimal(row[key]) ?? []))))

const stateOf = ({ invoice, from }: InvoiceOfMonth): string =>
  from === 'invoice' ? invoice.state : 'rated, no invoice yet'

/** What the month workbook says, from the same reports as the screens. */
export const monthWorkbookInput = async (session: Session, month: Month) => {
  const settings = session.settings()
  const { timeZone, currency } = settings
  const [margin, revenues, costs, bills] = await Promise.all([
    // The workbook computes cost from the bill's lines by tenant: before anything is allocated.
    marginReport(session, month, { allocates: false }),
    revenueOf(session, [month]),
    session.cube.costSlice({
      months: [month],
      grain: 'total',
      currency,
      groupBy: ['provider', 'service'],
      filters: [],
    }),
    session.cube.bills({ month }),
  ])
  const byTenant = await session.cube.costSlice({
    months: [month],
    grain: 'total',
    currency,
    groupBy: ['service', 'tenant'],
    filters: [],
  })
  const providers = new Map<string | null, Set<string>>()
  for (const { keys } of costs.rows)
    providers.set(keys[1] ?? null, (providers.get(keys[1] ?? null) ?? new Set()).add(keys[0] ?? ''))
  const customers = customersOf(session)
  const customerOf = new Map<string, Customer>(
    customers.flatMap((customer) => customer.tenants.map((tenant) => [tenant, customer])),
  )
  const byId = new Map(customers.map((customer) => [customer.id, customer]))
  const revenue = revenues.get(month)
  const states = new Map(
    [...(revenue?.byCustomer ?? [])].map(([id, { parts }]) => [
      id,
      [...new Set(parts.map(stateOf))].join(', '),
    ]),
  )
  const period = monthPeriod(month, timeZone)
  const usage = await Promise.all(
    metricsOf(session).map(async (metric) =>
      (
        await session.cube.usageSlice({
          metric: metric.metric,
          ...period,
          grain: 'total',
          groupBy: ['customer', 'tenant'],
          filters: [],
        })
      ).rows.map(({ keys, quantity }) => ({
        customerId: keys[0] ?? null,
        customer: keys[0] == null ? null : (byId.get(keys[0])?.name ?? keys[0]),
        tenant: keys[1] ?? '',
        metric: metric.name,
        unit: metric.unit,
        quantity,
      })),
    ),
  )
  const units = new Map(metricsOf(session).map(({ metric, unit }) => [metric, unit]))
  const files = new Map(session.all('bill_file').map(({ id, content }) => [id, content.billed]))
  const typed = new Map(session.all('bill_total').map(({ id, content }) => [id, content.total]))
  const totals = bills
    .filter((bill) => bill.currency === currency)
    .map((bill) => {
      const id = JSON.stringify([bill.provider, bill.billingAccount, bill.month, bill.currency])
      return typed.get(id) ?? files.get(id) ?? null
    })
  return {
    book: settings.name,
    month,
    currency,
    asOfMs: session.clock.nowMs(),
    chainHead: session.followed().hash,
    costBasis: settings.costBasis,
    customers: margin.rows.map((row) => ({
      customerId: row.customerId,
      customer: row.name,
      tenants: byId.get(row.customerId)?.tenants ?? [],
      revenue: row.revenue,
      directCost: row.directCost,
      state: states.get(row.customerId) ?? 'no invoice',
    })),
    usage: usage.flat(),
    costs: byTenant.rows.map(({ keys, billed, effective }) => ({
      provider: [...(providers.get(keys[0] ?? null) ?? [])].join(', '),
      service: keys[0] ?? '',
      tenant: keys[1] ?? null,
      customerId: keys[1] == null ? null : (customerOf.get(keys[1])?.id ?? null),
      billed,
      effective,
    })),
    invoices: invoicesOf(revenue).map((part) => {
      const { invoice, rate, inBook } = part
      const quote = rate?.quote ?? null
      return {
        invoice: invoice.number,
        customerId: invoice.customerId,
        customer: invoice.customerName,
        state: stateOf(part),
        currency: invoice.currency,
        total: invoice.total,
        rate: quote === null ? null : { ...quote, words: quoteInWords(quote) },
        inReport: inBook,
        note:
          rate !== null && quote === null
            ? `no rate for ${rate.day}, so it is not in the total: enter one in Settings, or import the ECB’s file`
            : '',
      }
    }),
    lines: invoicesOf(revenue).flatMap((part) => {
      const { invoice } = part
      return invoice.lines.map((line) => ({
        invoice: invoice.number,
        customerId: invoice.customerId,
        customer: invoice.customerName,
        line: line.line,
        description: line.description,
        quantity: line.quantity ?? null,
        unit: line.metric === undefined ? null : (units.get(line.metric) ?? null),
        currency: invoice.currency,
        list: line.listAmount,
        discount: line.discountAmount,
        amount: line.amount,
        state: stateOf(part),
      }))
    }),
    billTotal:
      totals.length === 0 || totals.includes(null)
        ? null
        : sumDecimals(totals.filter((total) => total !== null)),
  }
}

/** Goes into the name of a file, so that figures of a past batch are not taken for today's. */
const asOfWords = (session: Session): string => {
  const { batchId, recordedMs } = knownTo(session)
  return ` as of ${dayOf(recordedMs, session.settings().timeZone)} batch ${batchId}`
}

export const exportsHandlers = (engine: EngineState) => ({
  table: api.exports.table.handler(async ({ input: { sheet, format, asOf } }) => {
    const title = `${sheet.title}${asOf === undefined ? '' : asOfWords(await sessionAsOf(engine.session(), asOf))}`
    const totalled = sheet.columns.filter(({ total }) => total === true)
    const columns = sheet.columns.map(({ total: _total, unit, currency, ...column }) => ({
      ...column,
      ...(unit === undefined ? {} : { unit }),
      ...(currency === undefined ? {} : { currency }),
    }))
    const table = {
      title: sheet.title,
      columns,
      rows: sheet.rows,
      ...(totalled.length === 0
        ? {}
        : { totals: Object.fromEntries(totalled.map(({ key }) => [key, totalOf(sheet.rows, key)])) }),
    }
    const name = fileName(title)
    return format === 'csv'
      ? fileOf(`${name}.csv`, writeCsv(table), 'text/csv')
      : fileOf(`${name}.xlsx`, await writeXlsx([table], engine.clock.nowMs()), XLSX)
  }),
  month: api.exports.month.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const workbook = await writeMonthWorkbook(
      await monthWorkbookInput(session, input.month),
      engine.clock.nowMs(),
    )
    const past = input.asOf === undefined ? '' : asOfWords(session)
    return fileOf(`${fileName(session.settings().name)} ${input.month}${past}.xlsx`, workbook.bytes, XLSX)
  }),
})

const recordsOf = (session: Session): CustomerRecord[] => {
  const { currency } = session.settings()
  const contracts = session.all('contract').map(({ content }) => content)
  return customersOf(session).map((customer) => ({
    id: customer.id,
    name: customer.name,
    email: customer.email,
    currency,
    tenants: customer.tenants,
    rateCardId:
      contracts.findLast(({ customerId, endDay }) => customerId === customer.id && endDay === null)
        ?.rateCardId ?? null,
  }))
}

type Workbook =
  | { kind: 'customers'; preview: Preview<readonly CustomerRecord[]> }
  | { kind: 'rate_card'; preview: Preview<RateCardDraft> }
  | { kind: 'past_invoices'; preview: Preview<readonly PastInvoice[]> }
  | { kind: 'rules'; preview: Preview<readonly AttributionRule[]> }

const rulesOf = (session: Session) => session.one('rules', 'rules')?.content.rules ?? []

/** What a reader of cells cannot see: whether the charges can be rated. Refused in the preview as it would be applied. */
const checkedCard = (session: Session, preview: Preview<RateCardDraft>): Preview<RateCardDraft> => {
  if (preview.result === null) return preview
  const { id, name: _name, currency: _currency, ...terms } = preview.result
  const last = session.one('rate_card', id)?.content.versions.at(-1) ?? null
  const version = { version: (last?.version ?? 0) + 1, ...terms }
  const issues = validateRateCardVersion(version, metricsOf(session), last)
  return issues.some(({ severity }) => severity === 'error')
    ? { ...preview, issues: [...preview.issues, ...issues], result: null }
    : preview
}

const readWorkbook = async (session: Session, fileId: string, kind: Workbook['kind']): Promise<Workbook> => {
  const file = session.uploads.get(fileId)
  if (file.size > WORKBOOK_BYTES_MAX)
    throw refused('workbook_is_too_large', `${file.name} is larger than 50 MB. Nothing was read; split it.`)
  const bytes = new Uint8Array(await readFile(file.path))
  try {
    if (kind === 'past_invoices') {
      const check = (invoices: readonly PastInvoice[]) => pastInvoiceIssues(session, invoices)
      const preview = file.name.toLowerCase().endsWith('.json')
        ? readPastInvoicesJson(new TextDecoder().decode(bytes), check)
        : await readPastInvoicesWorkbook(bytes, check)
      return { kind, preview }
    }
    if (kind === 'rules') return { kind, preview: await readRulesWorkbook(bytes, rulesOf(session)) }
    const cards = session.all('rate_card').map(({ content }) => content)
    return kind === 'customers'
      ? {
          kind,
          preview: await readCustomersWorkbook(
            bytes,
            recordsOf(session),
            cards.map(({ id, name }) => ({ id, name })),
          ),
        }
      : {
          kind,
          preview: checkedCard(
            session,
            await readRateCardWorkbook(
              bytes,
              metricsOf(session).map(({ metric }) => metric),
              cards,
            ),
          ),
        }
  } catch (error) {
    if (error instanceof ExchangeRefusal) throw refused(error.code, error.message)
    throw error
  }
}

const counts = (preview: Preview<unknown>) => {
  const count = (state: string) => preview.rows.filter((row) => row.state === state).length
  return `${count('new')} new, ${count('changed')} changed, ${count('unchanged')} unchanged, ${count('error')} with errors`
}

/** Customers as the workbook has them, and contracts for those whose rate card it names anew. */
const customerPuts = (session: Session, records: readonly CustomerRecord[]): Put[] => {
  const month = session.months()[0]?.month ?? new Date(session.clock.nowMs()).toISOString().slice(0, 7)
  const before = new Map(session.all('customer').map((each) => [each.id, each]))
  const customers = records.map((record): Customer => {
    const known = before.get(record.id)?.content
    return {
      id: record.id,
      name: record.name,
      email: record.email,
      tenants: [...record.tenants],
      stripeCustomerId: known?.stripeCustomerId ?? null,
    }
  })
  checkTenants(session, customers)
  const contracts = session.all('contract').map(({ content }) => content)
  return records.flatMap((record, index): Put[] => {
    const customer = customers[index]
    if (customer === undefined) return []
    const put: Put = {
      kind: 'customer',
      id: record.id,
      content: customer,
      expectedVersion: before.get(record.id)?.version ?? 0,
    }
    const own = contracts.filter(({ customerId }) => customerId === record.id)
    if (
      record.rateCardId === null ||
      own.some(({ rateCardId, endDay }) => rateCardId === record.rateCardId && endDay === null)
    )
      return [put]
    if (own.length > 0)
      throw refused(
        'contract_exists',
        `${record.name} has a contract already; change its rate card on the customer’s page, where the day of the change is asked. Nothing was applied.`,
      )
    const contract: Contract = {
      id: `${record.id}-1`,
      customerId: record.id,
      rateCardId: record.rateCardId,
      startDay: `${month}-01`,
      endDay: null,
      discountPercent: '0' as DecimalText,
      chargeDiscounts: {},
      monthlyCommitment: null,
    }
    return [put, { kind: 'contract', id: contract.id, content: contract, expectedVersion: 0 }]
  })
}

/** The newest version of a card in the template's layout. */
const cardWorkbook = async (session: Session, rateCardId: string, format: 'xlsx' | 'csv', nowMs: number) => {
  const stored = session.one('rate_card', rateCardId)
  const last = stored?.content.versions.at(-1)
  if (stored === null || last === undefined) throw notFound(`There is no rate card ${rateCardId}.`)
  const { id, name, currency } = stored.content
  const { version: _, note: _note, ...terms } = last
  const card = { id, name, currency, ...terms }
  return format === 'csv'
    ? fileOf(`${id}.csv`, writeRateCardCsv(card), 'text/csv')
    : fileOf(`${id}.xlsx`, await writeRateCardTemplate(card, metricsOf(session), nowMs), XLSX)
}

export const excelHandlers = (engine: EngineState) => ({
  template: api.excel.template.handler(async ({ input }) => {
    const session = engine.session()
    const nowMs = session.clock.nowMs()
    if (input.kind === 'rate_card' && input.rateCardId !== undefined)
      return cardWorkbook(session, input.rateCardId, input.format, nowMs)
    if (input.format === 'csv')
      throw refused(
        'template_is_a_workbook',
        'A template has several sheets, which CSV has not. Ask for xlsx, or for a rate card by its ID.',
      )
    if (input.kind === 'past_invoices')
      return fileOf('Earlier invoices.xlsx', await writePastInvoicesTemplate(nowMs), XLSX)
    if (input.kind === 'rules')
      return fileOf('Attribution rules.xlsx', await writeRulesTemplate(rulesOf(session), nowMs), XLSX)
    return input.kind === 'customers'
      ? fileOf('Customers.xlsx', await writeCustomersTemplate(recordsOf(session), nowMs), XLSX)
      : fileOf('Rate card.xlsx', await writeRateCardTemplate(null, metricsOf(session), nowMs), XLSX)
  }),
  preview: api.excel.preview.handler(async ({ input }) => {
    const session = engine.session()
    const { preview } = await readWorkbook(session, input.fileId, input.kind)
    return {
      rows: preview.rows.map((row) => ({
        row: row.row,
        state: row.state,
        summary: Object.values(row.values)
          .filter((value) => value !== '')
          .join(' · '),
        issues: [...row.issues],
      })),
      issues: [...preview.issues],
      mayApply: preview.result !== null,
      sentence:
        preview.result === null
          ? `Nothing can be applied yet: ${counts(preview)}. Mend the rows named and choose the file again.`
          : `${counts(preview)}. Nothing is changed until you apply it.`,
    }
  }),
  apply: api.excel.apply.handler(async ({ input }) => {
    const session = engine.session()
    const file = session.uploads.get(input.fileId)
    const { kind, preview } = await readWorkbook(session, input.fileId, input.kind)
    if (preview.result === null)
      throw refused(
        'workbook_has_errors',
        `Nothing of ${file.name} was applied: ${preview.issues[0]?.message ?? counts(preview)}`,
        preview.issues,
      )
    if (kind === 'past_invoices') {
      const sentence = await keepPastInvoices(session, preview.result, file.name)
      await session.uploads.discard(input.fileId)
      return { sentence }
    }
    if (kind === 'customers') {
      const puts = customerPuts(session, preview.result)
      if (puts.length > 0) await session.put(`Customers from ${file.name}`, puts)
    } else if (kind === 'rules')
      await session.put(`Attribution rules from ${file.name}`, [
        {
          kind: 'rules',
          id: 'rules',
          content: { rules: preview.result },
          expectedVersion: session.one('rules', 'rules')?.version ?? 0,
        },
      ])
    else {
      const { card } = nextVersionOf(session, preview.result)
      await session.put(`Rate card from ${file.name}`, [
        {
          kind: 'rate_card',
          id: card.id,
          content: card,
          expectedVersion: session.one('rate_card', card.id)?.version ?? 0,
        },
      ])
    }
    await session.uploads.discard(input.fileId)
    return { sentence: `${file.name} was applied: ${counts(preview)}.` }
  }),
})
