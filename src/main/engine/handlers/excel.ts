import { readFile } from 'node:fs/promises'
import type { Customer } from '../../../contract/customers.ts'
import type { AttributionRule } from '../../../domain/attribution/rule.ts'
import type { DecimalText } from '../../../domain/decimal.ts'
import type { PastInvoice } from '../../../domain/invoice/past.ts'
import type { Contract } from '../../../domain/pricing/contract.ts'
import { validateRateCardVersion } from '../../../domain/pricing/validate.ts'
import { type CustomerRecord, readCustomersWorkbook } from '../../exchange/customers-in.ts'
import { readPastInvoicesWorkbook } from '../../exchange/past-invoices-in.ts'
import { readPastInvoicesJson } from '../../exchange/past-invoices-json.ts'
import { writePastInvoicesTemplate } from '../../exchange/past-invoices-template.ts'
import type { Preview } from '../../exchange/preview.ts'
import { type RateCardDraft, readRateCardWorkbook } from '../../exchange/rate-card-in.ts'
import { ExchangeRefusal } from '../../exchange/refusal.ts'
import { readRulesWorkbook } from '../../exchange/rules-in.ts'
import { writeRulesTemplate } from '../../exchange/rules-template.ts'
import { writeCustomersTemplate, writeRateCardCsv, writeRateCardTemplate } from '../../exchange/templates.ts'
import type { Put } from '../documents.ts'
import { api, type EngineState } from '../engine-state.ts'
import { csvFile, xlsxFile } from '../files.ts'
import { keepPastInvoices, pastInvoiceIssues } from '../past-invoices.ts'
import { notFound, refused } from '../refusals.ts'
import { customersOf, metricsOf, type Session } from '../session.ts'
import { checkTenants } from './customers.ts'
import { nextVersionOf } from './rate-cards.ts'

const WORKBOOK_BYTES_MAX = 50_000_000

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
    ? csvFile(id, writeRateCardCsv(card))
    : xlsxFile(id, await writeRateCardTemplate(card, metricsOf(session), nowMs))
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
      return xlsxFile('Earlier invoices', await writePastInvoicesTemplate(nowMs))
    if (input.kind === 'rules')
      return xlsxFile('Attribution rules', await writeRulesTemplate(rulesOf(session), nowMs))
    return input.kind === 'customers'
      ? xlsxFile('Customers', await writeCustomersTemplate(recordsOf(session), nowMs))
      : xlsxFile('Rate card', await writeRateCardTemplate(null, metricsOf(session), nowMs))
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
