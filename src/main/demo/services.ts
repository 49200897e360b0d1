/** The clouds' services that the fictional company uses, their prices, and where they run. */

export interface Service {
  readonly name: string
  readonly category: string
  readonly unit: string
  readonly description: string
  readonly sku: string
  /** At eight decimals. */
  readonly price: number
  readonly listPrice: number
  readonly application: string
}

const service = (
  name: string,
  category: string,
  [unit, price, listPrice]: readonly [string, number, number],
  [description, sku, application]: readonly [string, string, string],
): Service => ({ name, category, unit, price, listPrice, description, sku, application })

export const EC2 = service(
  'Amazon Elastic Compute Cloud',
  'Compute',
  ['Hrs', 33_600_000, 38_400_000],
  ['m6i.2xlarge Linux instance-hours', 'EC2-M6I2XL', 'gateway'],
)
export const GATEWAYS = service(
  EC2.name,
  'Networking',
  ['Hrs', 5_200_000, 5_200_000],
  ['NAT gateway hours, shared', 'EC2-NAT', 'network'],
)
export const RDS = service(
  'Amazon Relational Database Service',
  'Databases',
  ['Hrs', 27_400_000, 30_100_000],
  ['db.r6g.large PostgreSQL instance-hours', 'RDS-R6GL', 'records'],
)
export const S3 = service(
  'Amazon Simple Storage Service',
  'Storage',
  ['GB-Mo', 2_450_000, 2_450_000],
  ['Standard storage, first 50 TB', 'S3-STD', 'store'],
)
export const LAMBDA = service(
  'AWS Lambda',
  'Compute',
  ['GB-Seconds', 1_667, 1_667],
  ['GB-seconds of functions', 'LAMBDA-GBS', 'transform'],
)
export const CLOUDFRONT = service(
  'Amazon CloudFront',
  'Networking',
  ['GB', 4_650_000, 8_500_000],
  ['Data transfer out to the internet', 'CF-OUT', 'edge'],
)
export const DYNAMODB = service(
  'Amazon DynamoDB',
  'Databases',
  ['Requests', 125, 125],
  ['Write and read request units', 'DDB-REQ', 'index'],
)
export const AKS = service(
  'Azure Kubernetes Service',
  'Compute',
  ['Hours', 35_800_000, 40_100_000],
  ['D8s v5 nodes', 'AKS-D8SV5', 'gateway'],
)
export const BLOBS = service(
  'Azure Blob Storage',
  'Storage',
  ['GB-Mo', 2_080_000, 2_080_000],
  ['Hot LRS data stored', 'BLOB-HOT', 'store'],
)

export const REGIONS = {
  eu: ['eu-central-1', 'Europe (Frankfurt)'],
  us: ['us-east-1', 'US East (N. Virginia)'],
  apac: ['ap-southeast-1', 'Asia Pacific (Singapore)'],
  azure: ['westeurope', 'EU West'],
} as const
