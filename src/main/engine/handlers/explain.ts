import type { UsageScope } from '../../../contract/explain.ts'
import { less, sumDecimals } from '../../../domain/decimal.ts'
import type { Invoice, InvoiceLine } from '../../../domain/invoice/invoice.ts'
import { formatMinor, minorUnits } from '../../../domain/money.ts'
import { monthName } from '../../../domain/period.ts'
import { countUnits, formatAmount, formatPrice, groupDigits } from '../../../domain/pricing/format.ts'
import { unitsOf } from '../../bill/late-lines.ts'
import { readBatch } from '../../ledger/read.ts'
import { api, type EngineState } from '../engine-state.ts'
import { sessionAsOf } from '../past.ts'
import { notFound } from '../refusals.ts'
import {
  costParams,
  explainCost,
  explainRevenue,
  explainUsage,
  metricNamed,
  usageParams,
} from '../reports/explanations.ts'
import { lateBookOf, lateSentence } from '../reports/late.ts'
import { recordOf } from '../reports/record.ts'
import { usesOf, usesText } from '../reports/uses.ts'
import type { Session } from '../session.ts'

/** The amount as one spreadsheet formula: the sum of its steps, each as exact as the steps are. */
const formulaOf = (line: InvoiceLine, currency: string): string | null => {
  if (line.steps.length === 0) return null
  const terms = line.steps
    .filter(({ amount }) => amount !== '0')
    .map((step) =>
      step.quantity !== undefined && step.unitAmount !== undefined && step.per !== undefined
        ? `${step.quantity}/${step.per}*${step.unitAmount}`
        : `(${step.amount})`,
    )
  return terms.length === 0 ? '=0' : `=ROUND(${terms.join('+')},${minorUnits(currency)})`
}

const storedInvoice = (session: Session, id: string): Invoice => {
  const stored = session.one('invoice', id)
  if (stored === null) throw notFound(`There is no invoice ${id}.`)
  return stored.content
}

const stepText = (step: InvoiceLine['steps'][number], currency: string): string =>
  `  ${step.text}${step.quantity === undefined ? '' : ` (${groupDigits(step.quantity)}${step.unitAmount === undefined ? '' : ` × ${formatPrice(step.unitAmount, currency)}${step.per === undefined || step.per === '1' ? '' : ` per ${groupDigits(step.per)}`}`})`}  ${groupDigits(step.amount)}`

/** What becomes of units that came after an invoice was computed. */
const afterwards = async (session: Session, invoice: Invoice, metric: string): Promise<string> => {
  const book = await lateBookOf(session)
  if (!book.standing.has(invoice.id)) return `Run ${monthName(invoice.month)} again, and they are billed.`
  return (
    lateSentence(session, book, invoice, metric) ??
    'The invoice stands, and no other bills them: it is no metric that can be added to another month, or what came adds up to nothing.'
  )
}

/** How much of a line's quantity belongs to earlier months. */
const includedWords = (session: Session, invoice: Invoice, line: InvoiceLine): string | null => {
  const own = (invoice.late ?? []).filter(({ metric }) => metric === line.metric)
  const words = [...Map.groupBy(own, ({ month }) => month)].map(
    ([month, items]) =>
      `${unitsOf(metricNamed(session, line.metric ?? ''), sumDecimals(items.map(({ quantity }) => quantity)))} of ${monthName(month)}`,
  )
  return words.length === 0
    ? null
    : `Its quantity includes what came late, after the invoice of its month was made: ${words.join(', ')}.`
}

const explainLine = async (session: Session, invoiceId: string, number: number) => {
  const invoice = storedInvoice(session, invoiceId)
  const line = invoice.lines.find((each) => each.line === number)
  if (line === undefined)
    throw notFound(`Invoice ${invoice.number} has no line ${number}; it has ${invoice.lines.length}.`)
  const card = session.one('rate_card', invoice.rateCardId)?.content
  const scope: UsageScope | null =
    line.metric === undefined
      ? null
      : {
          metric: line.metric,
          month: invoice.month,
          customerId: invoice.customerId,
          asOfBatch: invoice.asOfBatch,
          // A tenant may have moved since, or have been billed to another customer before.
          invoiceId: invoice.id,
        }
  const usage = scope === null ? null : await explainUsage(session, scope)
  const now = scope === null ? null : await explainUsage(session, { ...scope, asOfBatch: undefined })
  const late =
    usage === null || now === null || now.total === usage.total
      ? null
      : [
          `${countUnits(less(now.total, usage.total), now.unit)} came after this was computed (${usage.events} records then, ${now.events} now).`,
          await afterwards(session, invoice, now.metric),
        ].join(' ')
  const lateIncluded = includedWords(session, invoice, line)
  const title = `${invoice.customerName} · ${line.description} · ${monthName(invoice.month)}`
  const text = [
    `${title}: ${formatMinor(line.amount, invoice.currency)} ${invoice.currency}`,
    ...(line.quantity === undefined
      ? []
      : [
          `Quantity ${countUnits(line.quantity, usage?.unit ?? 'unit')} × rate card "${card?.name ?? invoice.rateCardId}" v${invoice.rateCardVersions.join(', v')}`,
        ]),
    ...line.steps.map((step) => stepText(step, invoice.currency)),
    `  = ${formatAmount(line.amount, invoice.currency)} ${invoice.currency}${line.steps.some(({ kind }) => kind === 'rounding') ? '' : ', exact'}`,
    ...(usage === null
      ? []
      : [
          `Quantity = ${usage.days.length} days, ${usage.batches.length} batches, ${groupDigits(String(usage.events))} records`,
        ]),
    ...(lateIncluded === null ? [] : [lateIncluded]),
    ...(late === null ? [] : [`Late: ${late}`]),
    `Computed from chain head ${invoice.chainHead} (batch ${invoice.asOfBatch})`,
  ].join('\n')
  return {
    title,
    currency: invoice.currency,
    line,
    rateCardName: card?.name ?? invoice.rateCardId,
    rateCardVersions: [...invoice.rateCardVersions],
    usage,
    chainHead: invoice.chainHead,
    asOfBatch: invoice.asOfBatch,
    lateSince: late,
    lateIncluded,
    text,
    formula: formulaOf(line, invoice.currency),
  }
}

/** Explains whatever an id names: `b3`, `u12`, `c12`, `<invoice>` or `<invoice>/<line>`. */
const explainId = async (
  session: Session,
  id: string,
): Promise<{ kind: string; text: string; data: unknown }> => {
  const batch = /^b(\d+)$/.exec(id)
  if (batch !== null) {
    const found = readBatch(session.ledger, Number(batch[1]))
    if (found === null || found.batchId > session.head().batchId)
      throw notFound(`There is no batch ${batch[1]}.`)
    const { control: _control, ...data } = found
    return {
      kind: 'batch',
      text: `Batch ${found.batchId}: ${found.title}, by ${found.author}, entries ${found.firstSeq} to ${found.lastSeq}, hash ${found.hash}`,
      data,
    }
  }
  const entry = /^[uc](\d+)$/.exec(id)
  if (entry !== null) {
    const record = recordOf(session, Number(entry[1]))
    const lines = record.fields.map(({ name, value }) => `  ${name}: ${value}`)
    const uses = await usesOf(session, record.seq)
    return {
      kind: 'entry',
      text: [
        `Entry ${record.entryId} of batch ${record.batchId} (${record.file}), digest ${record.digest}`,
        ...lines,
        ...usesText(uses),
        `Raw: ${record.rawText}`,
      ].join('\n'),
      data: { ...record, uses },
    }
  }
  const slash = id.lastIndexOf('/')
  if (slash > 0 && /^\d+$/.test(id.slice(slash + 1))) {
    const explanation = await explainLine(session, id.slice(0, slash), Number(id.slice(slash + 1)))
    return { kind: 'invoice_line', text: explanation.text, data: explanation }
  }
  const stored = session.one('invoice', id)
  if (stored === null)
    throw notFound(
      `Nothing is called ${id}. Explain knows invoices (2026-10.acme), their lines (2026-10.acme/1), entries (u12, c12) and batches (b3).`,
    )
  const { content: invoice } = stored
  const lines = invoice.lines.map(
    (line) => `  ${line.line}  ${line.description}  ${formatAmount(line.amount, invoice.currency)}`,
  )
  return {
    kind: 'invoice',
    text: [
      `Invoice ${invoice.number}, ${invoice.customerName}, ${monthName(invoice.month)}, ${invoice.state}`,
      ...lines,
      `  Total ${formatAmount(invoice.total, invoice.currency)} ${invoice.currency}`,
    ].join('\n'),
    data: invoice,
  }
}

const page = <Row>(rows: readonly Row[], limit: number) => ({
  records: rows.slice(0, limit),
  more: rows.length > limit,
})

export const explainHandlers = (engine: EngineState) => ({
  line: api.explain.line.handler(async ({ input }) =>
    explainLine(await sessionAsOf(engine.session(), input.asOf), input.invoiceId, input.line),
  ),
  usage: api.explain.usage.handler(async ({ input }) =>
    explainUsage(await sessionAsOf(engine.session(), input.asOf), input),
  ),
  cost: api.explain.cost.handler(async ({ input }) =>
    explainCost(await sessionAsOf(engine.session(), input.asOf), input),
  ),
  revenue: api.explain.revenue.handler(async ({ input }) =>
    explainRevenue(await sessionAsOf(engine.session(), input.asOf), input.month, input.customerId),
  ),
  usageRecords: api.explain.usageRecords.handler(async ({ input: { scope, afterSeq, limit, asOf } }) => {
    const session = await sessionAsOf(engine.session(), asOf)
    const rows = await session.cube.usageRecords({
      ...usageParams(session, scope),
      ...(scope.batchId === undefined ? {} : { batchId: scope.batchId }),
      ...(afterSeq === undefined ? {} : { afterSeq }),
      limit: limit + 1,
    })
    return page(
      rows.map(({ seq, tenant, quantity, startMs, batchId, late, reversal }) => ({
        seq,
        tenant,
        quantity,
        startMs,
        batchId,
        late,
        correction: reversal ? 'reversal' : null,
      })),
      limit,
    )
  }),
  costRecords: api.explain.costRecords.handler(async ({ input: { scope, afterSeq, limit, asOf } }) => {
    const session = await sessionAsOf(engine.session(), asOf)
    const rows = await session.cube.costRecords({
      ...costParams(session, scope),
      ...(afterSeq === undefined ? {} : { afterSeq }),
      limit: limit + 1,
    })
    return page(
      rows.map((row) => ({
        seq: row.seq,
        service: row.service,
        resource: row.resourceId,
        tenant: row.tenant,
        billed: row.billed,
        effective: row.effective ?? row.billed,
        startMs: row.startMs,
        batchId: row.batchId,
        correction: row.reversal ? 'reversal' : row.corrects === null ? null : 'restatement',
      })),
      limit,
    )
  }),
  record: api.explain.record.handler(async ({ input }) =>
    recordOf(await sessionAsOf(engine.session(), input.asOf), input.seq),
  ),
  uses: api.explain.uses.handler(async ({ input }) =>
    usesOf(await sessionAsOf(engine.session(), input.asOf), input.seq),
  ),
  byId: api.explain.byId.handler(async ({ input }) =>
    explainId(await sessionAsOf(engine.session(), input.asOf), input.id),
  ),
})
