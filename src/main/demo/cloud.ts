/** The fictional company's cloud accounts and what runs in them: what cost rows and attribution rules agree on. */
import type { AllocationStep } from '../../domain/allocation/plan.ts'
import type { AttributionRule } from '../../domain/attribution/rule.ts'
import { DEDICATED_TENANT, INTERNAL_TENANT } from './company.ts'

export interface Account {
  readonly provider: string
  readonly publisher: string
  readonly id: string
  readonly name: string
}

export const AWS: Account = {
  provider: 'AWS',
  publisher: 'Amazon Web Services, Inc.',
  id: '447199281100',
  name: 'Meridian payer',
}
export const AZURE: Account = {
  provider: 'Microsoft',
  publisher: 'Microsoft',
  id: '80412277',
  name: 'Meridian EMEA',
}

export const AWS_PRODUCTION = { id: '447199281144', name: 'meridian-production' } as const
export const AWS_DEDICATED = { id: '447199281177', name: `meridian-${DEDICATED_TENANT}` } as const
export const AWS_ENGINEERING = { id: '447199281199', name: 'meridian-engineering' } as const
export const AZURE_SUBSCRIPTION = {
  id: '6f3c1d52-77aa-4d0e-9a58-0c51b2f0e7d1',
  name: 'meridian-prod-weu',
} as const

const ARN = 'arn:aws'
const BUCKET_PREFIX = `${ARN}:s3:::meridian-data-`
const BUILD_PREFIX = `${ARN}:ec2:eu-central-1:${AWS_ENGINEERING.id}:instance/build-`

export const resources = {
  instances: (account: string, region: string, name: string) =>
    `${ARN}:ec2:${region}:${account}:instance/${name}`,
  build: (number: number) => `${BUILD_PREFIX}${number}`,
  gateway: (number: number) => `${ARN}:ec2:eu-central-1:${AWS_PRODUCTION.id}:natgateway/nat-shared-${number}`,
  database: (account: string, region: string, name: string) => `${ARN}:rds:${region}:${account}:db:${name}`,
  bucket: (tenant: string) => `${BUCKET_PREFIX}${tenant}`,
  functions: (region: string, tenant: string) =>
    `${ARN}:lambda:${region}:${AWS_PRODUCTION.id}:function:transform-${tenant}`,
  distribution: (tenant: string) => `${ARN}:cloudfront::${AWS_PRODUCTION.id}:distribution/${tenant}`,
  table: (region: string, tenant: string) =>
    `${ARN}:dynamodb:${region}:${AWS_PRODUCTION.id}:table/index-${tenant}`,
  cluster: (tenant: string) =>
    `/subscriptions/${AZURE_SUBSCRIPTION.id}/resourceGroups/rg-${tenant}/providers/Microsoft.ContainerService/managedClusters/aks`,
  blobs: (tenant: string) =>
    `/subscriptions/${AZURE_SUBSCRIPTION.id}/resourceGroups/rg-${tenant}/providers/Microsoft.Storage/storageAccounts/data`,
} as const

export const RULES: readonly AttributionRule[] = [
  {
    id: 'staging',
    name: 'Staging is ours',
    conditions: [{ field: 'tag:environment', operator: 'equals', value: 'staging' }],
    target: { kind: 'tenant', tenant: INTERNAL_TENANT },
  },
  {
    id: 'tenant-tag',
    name: 'Tagged with its tenant',
    conditions: [{ field: 'tag:tenant', operator: 'present', value: '' }],
    target: { kind: 'value' },
  },
  {
    id: 'data-buckets',
    name: 'Data buckets, by name',
    conditions: [{ field: 'resource_id', operator: 'regex', value: `^${BUCKET_PREFIX}([a-z0-9-]+)$` }],
    target: { kind: 'value' },
  },
  {
    id: 'dedicated-account',
    name: 'Northwind’s own account',
    conditions: [{ field: 'sub_account', operator: 'equals', value: AWS_DEDICATED.id }],
    target: { kind: 'tenant', tenant: DEDICATED_TENANT },
  },
  {
    id: 'azure-groups',
    name: 'Azure resource groups, by name',
    conditions: [{ field: 'resource_id', operator: 'regex', value: '/resourceGroups/rg-([a-z0-9-]+)/' }],
    target: { kind: 'value' },
  },
  {
    id: 'build-machines',
    name: 'Build machines are ours',
    conditions: [{ field: 'resource_id', operator: 'prefix', value: BUILD_PREFIX }],
    target: { kind: 'tenant', tenant: INTERNAL_TENANT },
  },
]

/** What nobody owns of the bill, and who pays for it: in order, each counting what was allocated before. */
export const ALLOCATION: readonly AllocationStep[] = [
  {
    id: 'gateways',
    name: 'Shared NAT gateways',
    pool: {
      takes: 'unattributed',
      conditions: [{ field: 'resource_id', operator: 'regex', value: ':natgateway/' }],
    },
    key: { kind: 'usage', metric: 'egress.bytes' },
  },
  {
    id: 'support',
    name: 'Support',
    pool: {
      takes: 'unattributed',
      conditions: [{ field: 'service', operator: 'equals', value: 'AWS Support' }],
    },
    key: { kind: 'direct_cost', withAllocated: true },
  },
  {
    id: 'credits',
    name: 'Credits',
    pool: {
      takes: 'unattributed',
      conditions: [{ field: 'charge_category', operator: 'equals', value: 'Credit' }],
    },
    key: { kind: 'direct_cost', withAllocated: true },
  },
]
