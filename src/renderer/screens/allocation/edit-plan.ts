/** Changes to an allocation plan while it is edited. Order matters: the first pool that may take a cost does. */
import type {
  AllocationKey,
  AllocationKind,
  AllocationPlan,
  AllocationStep,
  CostPool,
} from '../../../domain/allocation/plan.ts'
import type { DecimalText } from '../../../domain/decimal.ts'
import { proposeId } from '../../ui/propose-id.ts'

export const KEY_LABELS = {
  usage: 'by usage of a metric',
  direct_cost: 'by direct cost',
  revenue: 'by revenue',
  weights: 'by heads or another weight',
  evenly: 'evenly',
  fixed: 'by fixed shares',
} satisfies Record<AllocationKind, string>

export const TAKES_LABELS = {
  unattributed: 'what no rule claims',
  without_customer: 'what belongs to no customer',
  all: 'any cost, of customers too',
} satisfies Record<CostPool['takes'], string>

/** A pool that many bills have, ready to be taken over. */
export interface Template {
  readonly name: string
  readonly pool: CostPool
  readonly kind: AllocationKind
}

const equals = (field: 'charge_category' | 'commitment_discount_status', value: string) =>
  ({ field, operator: 'equals', value }) as const

export const TEMPLATES: readonly Template[] = [
  {
    name: 'Support',
    pool: {
      takes: 'unattributed',
      conditions: [{ field: 'service', operator: 'regex', value: '[Ss]upport' }],
    },
    kind: 'direct_cost',
  },
  {
    name: 'NAT gateways',
    pool: {
      takes: 'unattributed',
      conditions: [{ field: 'resource_id', operator: 'regex', value: '[Nn]at-?gateway' }],
    },
    kind: 'usage',
  },
  {
    name: 'Kubernetes cluster',
    pool: {
      takes: 'unattributed',
      conditions: [{ field: 'service', operator: 'regex', value: 'Kubernetes|EKS|AKS' }],
    },
    kind: 'usage',
  },
  {
    name: 'Taxes',
    pool: { takes: 'unattributed', conditions: [equals('charge_category', 'Tax')] },
    kind: 'direct_cost',
  },
  {
    name: 'Credits',
    pool: { takes: 'unattributed', conditions: [equals('charge_category', 'Credit')] },
    kind: 'direct_cost',
  },
  {
    name: 'Unused commitments',
    pool: { takes: 'unattributed', conditions: [equals('commitment_discount_status', 'Unused')] },
    kind: 'direct_cost',
  },
  { name: 'All that is left', pool: { takes: 'unattributed', conditions: [] }, kind: 'direct_cost' },
]

/** A key of the kind; `metric` is the first choice of one that is split by usage. */
export const newKey = (kind: AllocationKind, metric: string): AllocationKey => {
  switch (kind) {
    case 'usage':
      return { kind, metric }
    case 'direct_cost':
      return { kind, withAllocated: true }
    case 'weights':
      return { kind, weights: [] }
    case 'fixed':
      return { kind, shares: [] }
    default:
      return { kind }
  }
}

export const withStep = (plan: AllocationPlan, template: Template, metric: string): AllocationPlan => ({
  ...plan,
  steps: [
    ...plan.steps,
    {
      id: proposeId(
        template.name,
        plan.steps.map(({ id }) => id),
      ),
      name: template.name,
      pool: template.pool,
      key: newKey(template.kind, metric),
    },
  ],
})

export const withoutStep = (plan: AllocationPlan, id: string): AllocationPlan => ({
  ...plan,
  steps: plan.steps.filter((step) => step.id !== id),
})

export const changedStep = (plan: AllocationPlan, changed: AllocationStep): AllocationPlan => ({
  ...plan,
  steps: plan.steps.map((step) => (step.id === changed.id ? changed : step)),
})

export const movedStep = (plan: AllocationPlan, index: number, by: -1 | 1): AllocationPlan => {
  const steps = [...plan.steps]
  const [step, other] = [steps[index], steps[index + by]]
  if (step === undefined || other === undefined) return plan
  steps[index] = other
  steps[index + by] = step
  return { ...plan, steps }
}

/** The weight of one customer, set or (empty) taken out of the table. */
export const withWeight = <Row extends { readonly customerId: string; readonly weight: DecimalText }>(
  table: readonly Row[],
  customerId: string,
  weight: DecimalText | null,
): readonly { readonly customerId: string; readonly weight: DecimalText }[] => {
  if (weight === null) return table.filter((row) => row.customerId !== customerId)
  return table.some((row) => row.customerId === customerId)
    ? table.map((row) => (row.customerId === customerId ? { customerId, weight } : row))
    : [...table, { customerId, weight }]
}
