/** FOCUS 1.0 rows for the benchmarks, the same on every run: one billing month of an AWS account, by the hour. */
const TENANTS = 200
const REGIONS = ['eu-central-1', 'us-east-1', 'ap-south-1'] as const

/** Multiplicative hash: spreads an index over `modulus` values, so that neighbours differ. */
const spread = (index: number, modulus: number): number =>
  Number((BigInt(index) * 2654435761n) % 4294967296n) % modulus

const tenantName = (index: number): string => `tenant-${String(index).padStart(3, '0')}`

export const FOCUS_COLUMNS = [
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
export const focusRow = (index: number): string => {
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
