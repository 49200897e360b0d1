/** What a file holds and what it would become, from its first records. Changes nothing. */

import type { CsvMapping, FilePreview, ReadOptions } from '../../contract/sources.ts'
import type { Attributor } from '../../domain/attribution/match.ts'
import { costFromUnits, costToUnits, decimalsOf } from '../../domain/decimal.ts'
import type { Issue } from '../../domain/issue.ts'
import type { Metric } from '../../domain/metric.ts'
import type { Currency } from '../../domain/money.ts'
import { dayOf } from '../../domain/period.ts'
import { detectKind, firstRows } from './files/detect.ts'
import { openFile, readHead } from './files/open-file.ts'
import { proposeMapping } from './files/propose-mapping.ts'
import type { ParsedCost, ParsedUsage, Rejected } from './files/record.ts'
import { proposeMetric } from './metrics.ts'
import { DEFAULT_LOG, DEFAULT_SOURCES, hasIds, type ReaderChoice, startReading } from './readers.ts'

/** Records a preview reads at most; smaller files are read whole. */
const RECORDS_MAX = 20_000
const RECORDS_SHOWN = 20
const SAMPLE_SHOWN = 8
const ISSUES_SHOWN = 50

export interface PreviewContext {
  readonly nowMs: number
  readonly currency: Currency
  /** In which the day of a cost's service is told, for rules that are dated. */
  readonly timeZone: string
  readonly costBasis: 'billed' | 'effective'
  readonly metrics: readonly Metric[]
  readonly mappings: readonly { readonly header: readonly string[]; readonly mapping: CsvMapping }[]
  readonly attribute: Attributor
  /** Live entries the ledger has of a bill; 0 where it doesn't know it. */
  readonly entriesOfBill: (bill: ParsedCost['bill']) => number
  readonly importedBefore: (
    sha256: string,
  ) => { readonly batchId: number; readonly recordedMs: number } | null
}

export type Choosing =
  | { readonly choice: ReaderChoice; readonly reason: string; readonly issue: null }
  | {
      readonly choice: null
      readonly reason: string
      readonly issue: Issue
      readonly kind: FilePreview['kind']
    }

const sameHeader = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((title, i) => title === b[i])

const problem = (code: string, message: string): Issue => ({ severity: 'error', code, message })

/** Takes the kind and options given, detects and proposes the rest. */
export const chooseReader = async (
  path: string,
  name: string,
  options: ReadOptions,
  mappings: PreviewContext['mappings'],
): Promise<Choosing> => {
  const detected = await detectKind(path)
  const kind = options.kind ?? detected.kind
  const reason = options.kind === undefined ? detected.reason : 'Chosen by you.'
  if (kind === 'unknown' || kind === 'xlsx')
    return {
      choice: null,
      kind: 'unknown',
      reason,
      issue: problem(
        'kind_is_unknown',
        `${name}: ${detected.reason} ${
          kind === 'xlsx'
            ? 'Workbooks of customers and rate cards are read on their own screens; save usage or cost as CSV.'
            : 'Countinghouse reads CloudEvents JSON lines, usage CSV, combined access logs and FOCUS cost CSV, plain or gzipped. Nothing was imported.'
        }`,
      ),
    }
  if (kind === 'access_log') return { choice: { kind, log: options.log ?? DEFAULT_LOG }, reason, issue: null }
  if (kind !== 'csv') return { choice: { kind }, reason, issue: null }
  if (options.mapping !== undefined)
    return { choice: { kind, mapping: options.mapping }, reason, issue: null }
  const { text } = await readHead(path)
  const [header, ...rows] = firstRows(text, 50).rows
  const saved = mappings.find((each) => sameHeader(each.header, header?.cells ?? []))
  if (saved !== undefined)
    return {
      choice: { kind, mapping: saved.mapping },
      reason: `${reason} A saved mapping fits its header.`,
      issue: null,
    }
  const proposal = proposeMapping(
    header?.cells ?? [],
    rows.map((row) => row.cells),
  )
  if (proposal.mapping === null)
    return {
      choice: null,
      kind,
      reason,
      issue: problem(
        'mapping_is_needed',
        `${name}: which columns hold ${proposal.missing.join(', ')} can’t be told from the header (${(header?.cells ?? []).join(', ')}). Choose them below, or pass a mapping.`,
      ),
    }
  const { id, ...mapping } = proposal.mapping
  return {
    choice: { kind, mapping: { ...mapping, ...(id === undefined ? {} : { id }) } },
    reason,
    issue: null,
  }
}

const cellsOf = (raw: string | readonly string[]): string[] => (typeof raw === 'string' ? [raw] : [...raw])

const issueOf = ({ code, message, row, column }: Rejected): Issue => ({
  severity: 'error',
  code,
  message,
  row,
  ...(column === null ? {} : { column }),
})

/** Reads at most {@link RECORDS_MAX} records and says what they would become. Never throws for what a file holds. */
export const previewFile = async (
  file: { readonly fileId: string; readonly path: string; readonly name: string; readonly size: number },
  options: ReadOptions,
  context: PreviewContext,
): Promise<FilePreview> => {
  const chosen = await chooseReader(file.path, file.name, options, context.mappings)
  const empty: FilePreview = {
    fileId: file.fileId,
    name: file.name,
    bytes: file.size,
    kind: chosen.choice?.kind ?? (chosen as { kind: FilePreview['kind'] }).kind,
    reason: chosen.reason,
    encoding: '',
    options,
    header: null,
    sample: [],
    records: [],
    rowsRead: 0,
    wholeFile: false,
    newMetrics: [],
    bills: [],
    attribution: null,
    issues: chosen.issue === null ? [] : [chosen.issue],
    importedBefore: null,
  }
  if (chosen.choice === null) {
    const { text } = await readHead(file.path)
    const [header, ...rows] = firstRows(text, SAMPLE_SHOWN + 1).rows
    return {
      ...empty,
      header: header === undefined ? null : [...header.cells],
      sample: rows.map((row) => [...row.cells]),
    }
  }
  const { choice } = chosen
  const source = await openFile(file.path, { name: file.name })
  const reading = startReading(source, choice, context)
  const usage: ParsedUsage[] = []
  const sample: string[][] = []
  const records: FilePreview['records'] = []
  const rejected: Issue[] = []
  const decimals = new Map<string, number>()
  const bills = new Map<string, FilePreview['bills'][number] & { units: bigint }>()
  let attributed = 0n
  let unattributed = 0n
  let seen = 0
  let wholeFile = true
  for await (const chunk of reading.chunks) {
    for (const record of chunk) {
      seen++
      if (record.kind === 'rejected') {
        if (rejected.length < ISSUES_SHOWN) rejected.push(issueOf(record))
        continue
      }
      if (sample.length < SAMPLE_SHOWN) sample.push(cellsOf(record.raw))
      if (record.kind === 'usage') {
        if (usage.length < RECORDS_SHOWN) usage.push(record)
        decimals.set(
          record.metric,
          Math.max(decimals.get(record.metric) ?? 0, decimalsOf(record.quantityText)),
        )
        continue
      }
      const owner = context.attribute(record.attributes, dayOf(record.startMs, context.timeZone))
      const cost =
        context.costBasis === 'billed' ? record.billedCost : (record.effectiveCost ?? record.billedCost)
      if (record.currency === context.currency) {
        if (owner === null) unattributed += costToUnits(cost)
        else attributed += costToUnits(cost)
      }
      const key = JSON.stringify([
        record.bill.provider,
        record.bill.billingAccount,
        record.bill.month,
        record.currency,
      ])
      const bill = bills.get(key)
      if (bill === undefined)
        bills.set(key, {
          provider: record.bill.provider,
          billingAccount: record.bill.billingAccount,
          month: record.bill.month,
          currency: record.currency,
          billed: '0' as FilePreview['bills'][number]['billed'],
          rows: 1,
          inLedger: context.entriesOfBill(record.bill),
          units: costToUnits(record.billedCost),
        })
      else {
        bill.rows++
        bill.units += costToUnits(record.billedCost)
      }
      if (records.length < RECORDS_SHOWN)
        records.push({
          row: record.row,
          what: record.attributes.service,
          tenant: null,
          amount: record.billedCost,
          unit: record.currency,
          time: record.startMs,
          attributedTo: owner?.tenant ?? null,
        })
    }
    if (seen >= RECORDS_MAX) {
      wholeFile = false
      break
    }
  }
  const known = new Map(context.metrics.map((metric) => [metric.metric, metric]))
  const given = new Map((options.metrics ?? []).map((metric) => [metric.metric, metric]))
  const newMetrics = [...decimals].flatMap(([metric, most]) =>
    known.has(metric) ? [] : [given.get(metric) ?? proposeMetric(metric, most)],
  )
  for (const record of usage)
    records.push({
      row: record.row,
      what: record.metric,
      tenant: record.tenant,
      amount: record.quantityText,
      unit:
        (known.get(record.metric) ?? newMetrics.find(({ metric }) => metric === record.metric))?.unit ??
        'unit',
      time: record.startMs,
      attributedTo: null,
    })
  await source.close()
  const sha256 = source.sha256()
  const importedBefore = sha256 === null ? null : context.importedBefore(sha256)
  return {
    ...empty,
    kind: choice.kind,
    encoding: source.condition.encoding,
    options: {
      kind: choice.kind,
      source: options.source ?? DEFAULT_SOURCES[choice.kind],
      ...(choice.kind === 'csv' ? { mapping: choice.mapping } : {}),
      ...(choice.kind === 'access_log' ? { log: choice.log } : {}),
      ...(choice.kind === 'focus' ? { delivery: options.delivery ?? 'restate' } : {}),
      ...(hasIds(choice) ? { sameId: options.sameId ?? 'conflict' } : {}),
      metrics: newMetrics,
    },
    header: reading.header === null ? null : [...reading.header],
    sample,
    records,
    rowsRead: reading.counts.accepted + reading.counts.rejected,
    wholeFile,
    newMetrics,
    bills: [...bills.values()].map(({ units, ...bill }) => ({ ...bill, billed: costFromUnits(units) })),
    attribution:
      choice.kind === 'focus'
        ? {
            attributed: costFromUnits(attributed),
            unattributed: costFromUnits(unattributed),
            currency: context.currency,
          }
        : null,
    issues: [...reading.issues, ...rejected],
    importedBefore,
  }
}
