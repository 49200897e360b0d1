/** Explanations as plain text, for a mail or a ticket, and the few words the drawer's parts share. */
import type { InferContractRouterOutputs } from '@orpc/contract'
import type { Contract } from '../../../contract/contract.ts'
import type { DecimalText } from '../../../domain/decimal.ts'
import { countUnits, formatPrice, groupDigits } from '../../../domain/pricing/format.ts'
import { formatCount, formatInstant } from '../../ui/format.ts'

type Explained = InferContractRouterOutputs<Contract>['explain']
export type UsageExplanation = Explained['usage']
export type LineExplanation = Explained['line']
export type CostExplanation = Explained['cost']
export type RevenueExplanation = Explained['revenue']
export type RawRecord = Explained['record']

/** "14 Oct 2026" of `2026-10-14`. */
export const formatDay = (day: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1, Number(day.slice(8, 10))))

export const counted = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`

/** "31 days ▸ 88 batches ▸ 412,040 records". */
export const chainOf = (usage: UsageExplanation): string =>
  [
    counted(usage.days.length, 'day'),
    usage.batches.length === 1 ? '1 batch' : `${formatCount(usage.batches.length)} batches`,
    counted(usage.events, 'record'),
  ].join(' ▸ ')

/** A quantity and its parts as text. Instants are told in `timeZone`. */
export const usageText = (usage: UsageExplanation, timeZone: string): string =>
  [
    usage.title,
    `${countUnits(usage.total, usage.unit)} (${usage.aggregation}) = ${chainOf(usage)}`,
    '',
    'By day',
    ...usage.days.map(
      (day) => `  ${day.day}  ${groupDigits(day.quantity)}  (${counted(day.events, 'record')})`,
    ),
    ...(usage.tenants.length > 1
      ? [
          '',
          'By tenant',
          ...usage.tenants.map((tenant) => `  ${tenant.tenant}  ${groupDigits(tenant.quantity)}`),
        ]
      : []),
    '',
    'By batch',
    ...usage.batches.map(
      (batch) =>
        `  ${batch.batchId}  ${batch.title}, recorded ${formatInstant(batch.recordedMs, timeZone)}: ${groupDigits(batch.quantity)}`,
    ),
    '',
    `Chain head ${usage.chainHead}`,
  ].join('\n')

/** A cost and its parts as text. */
export const costText = (cost: CostExplanation): string => {
  const amount = (value: DecimalText) => formatPrice(value, cost.currency)
  const named = ([name, value]: readonly [string, DecimalText | null]) =>
    value === null ? [] : [`${name} ${amount(value)} ${cost.currency}`]
  const sums = [
    ['Billed', cost.billed],
    ['effective', cost.effective],
    ['contracted', cost.contracted],
    ['list', cost.list],
  ] as const
  return [
    cost.title,
    [...sums.flatMap(named), counted(cost.entries, 'record')].join(', '),
    '',
    'By service',
    ...cost.services.map(
      (service) =>
        `  ${service.service ?? 'no service'}  billed ${amount(service.billed)}, effective ${amount(service.effective)}`,
    ),
    '',
    'By the rule that claimed it',
    ...cost.rules.map((rule) => `  ${rule.words}  billed ${amount(rule.billed)}`),
    '',
    `Chain head ${cost.chainHead}`,
  ].join('\n')
}

/** A record as text: what the ledger says of it, then the record as it came. */
export const recordText = (record: RawRecord, timeZone: string): string =>
  [
    `${record.entryId}: ${record.kind} record, batch ${record.batchId}, recorded ${formatInstant(record.recordedMs, timeZone)}`,
    `Source ${record.source}, file ${record.file}`,
    `Digest ${record.digest}`,
    '',
    ...record.fields.map((field) => `  ${field.name}: ${field.value}`),
    '',
    'As it came',
    record.rawText,
  ].join('\n')
