/** Large files for the benchmarks, the same on every run: CloudEvents lines and FOCUS 1.0 rows. */
import { closeSync, openSync, writeSync } from 'node:fs'

const CHUNK_CHARACTERS = 1 << 20

/** Multiplicative hash: spreads an index over `modulus` values, so that neighbours differ. */
const spread = (index: number, modulus: number): number =>
  Number((BigInt(index) * 2654435761n) % 4294967296n) % modulus

export const TENANTS = 200
export const ENDPOINTS = 500
const METRICS = ['api.calls', 'api.bytes', 'storage.gb_hours', 'seats.active'] as const
const REGIONS = ['eu-central-1', 'us-east-1', 'ap-south-1'] as const

const START_MS = Date.UTC(2026, 6, 1)
const SPAN_MS = Date.UTC(2026, 9, 1) - START_MS

export const tenantName = (index: number): string => `tenant-${String(index).padStart(3, '0')}`

/** One CloudEvent; in ten thousand lines there is every tenant, every metric and some of every dimension's values. */
export const cloudEventLine = (index: number, count: number): string => {
  const metric = METRICS[spread(index, METRICS.length)] ?? 'api.calls'
  const time = new Date(START_MS + Math.floor((index / count) * SPAN_MS)).toISOString()
  const value =
    metric === 'storage.gb_hours'
      ? `"${spread(index, 900)}.${100 + spread(index, 899)}"`
      : 1 + spread(index, 5000)
  return `{"specversion":"1.0","id":"ev-${index}","source":"/meters/eu-1","type":"${metric}","subject":"${tenantName(spread(index * 7 + 3, TENANTS))}","time":"${time}","datacontenttype":"application/json","data":{"value":${value},"endpoint":"/v1/resource/${spread(index * 3 + 1, ENDPOINTS)}","region":"${REGIONS[spread(index * 5 + 2, REGIONS.length)]}","plan":"standard"}}`
}

const FOCUS_HEADER = [
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargeFrequency',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ConsumedQuantity',
  'ConsumedUnit',
  'ContractedCost',
  'ContractedUnitPrice',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'ListUnitPrice',
  'PricingCategory',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'RegionId',
  'RegionName',
  'ResourceId',
  'ResourceName',
  'ResourceType',
  'ServiceCategory',
  'ServiceName',
  'SkuId',
  'SkuPriceId',
  'SubAccountId',
  'SubAccountName',
  'Tags',
] as const

const SERVICES = [
  'Amazon Elastic Compute Cloud',
  'Amazon Simple Storage Service',
  'AWS Lambda',
  'Amazon RDS',
] as const
const HOURS = 30 * 24

/** One FOCUS row of September 2026: one hour of one of some thousand resources, tagged with its application. */
const focusRow = (index: number): string => {
  const hour = index % HOURS
  const resource = Math.floor(index / HOURS)
  const start = new Date(Date.UTC(2026, 8, 1) + hour * 3_600_000).toISOString()
  const end = new Date(Date.UTC(2026, 8, 1) + (hour + 1) * 3_600_000).toISOString()
  const service = SERVICES[resource % SERVICES.length]
  const cost = `0.${String(spread(index, 100_000_000)).padStart(8, '0')}${String(index % 1000).padStart(3, '0')}`
  const region = REGIONS[resource % REGIONS.length]
  return [
    cost,
    '"123456789012"',
    '"Example Company"',
    '"USD"',
    '"2026-10-01 00:00:00"',
    '"2026-09-01 00:00:00"',
    '"Usage"',
    'NULL',
    `"$0.0416 per On Demand hour of ${service} in ${region}"`,
    '"Usage-Based"',
    `"${end.slice(0, 10)} ${end.slice(11, 19)}"`,
    `"${start.slice(0, 10)} ${start.slice(11, 19)}"`,
    '1.000000000000000',
    '"Hours"',
    cost,
    '0.0416',
    cost,
    '"Amazon Web Services, Inc."',
    cost,
    '"0.0416"',
    '"Standard"',
    '1.00000000000',
    '"Hours"',
    '"AWS"',
    '"Amazon Web Services, Inc."',
    `"${region}"`,
    `"${region}"`,
    `"arn:aws:ec2:${region}:123456789012:instance/i-${String(resource).padStart(17, '0')}"`,
    `"node-${resource}"`,
    '"Instance"',
    '"Compute"',
    `"${service}"`,
    `"SKU${resource % 40}"`,
    `"SKU${resource % 40}.JRTCKXETXF.6YS6EN2CT7"`,
    '"210987654321"',
    '"production"',
    `"{""application"": ""${tenantName(resource % TENANTS)}"", ""environment"": ""production"", ""owner"": ""team-${resource % 12}""}"`,
  ].join(',')
}

/** Writes lines until there are `count` of them or the file has `bytesMin` bytes; returns how many there are. */
const writeLines = (
  path: string,
  header: string | null,
  lineOf: (index: number) => string,
  { count, bytesMin = Number.POSITIVE_INFINITY }: { readonly count: number; readonly bytesMin?: number },
): number => {
  const file = openSync(path, 'w')
  let bytes = 0
  let pending = header === null ? '' : `${header}\n`
  let lines = 0
  while (lines < count && bytes + pending.length < bytesMin) {
    pending += `${lineOf(lines++)}\n`
    if (pending.length < CHUNK_CHARACTERS) continue
    bytes += writeSync(file, pending)
    pending = ''
  }
  writeSync(file, pending)
  closeSync(file)
  return lines
}

export interface Size {
  readonly count: number
  /** Ends the file early, at this size. */
  readonly bytesMin?: number
}

export const writeCloudEvents = (path: string, size: Size): number =>
  writeLines(path, null, (index) => cloudEventLine(index, size.count), size)

export const writeFocus = (path: string, size: Size): number =>
  writeLines(path, FOCUS_HEADER.map((name) => `"${name}"`).join(','), focusRow, size)
