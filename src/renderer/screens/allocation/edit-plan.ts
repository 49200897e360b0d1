/** Changes to an allocation plan while it is edited. Order matters: the first pool that may take a cost does. */
import type {
  AllocationKey,
  AllocationKind,
  AllocationPlan,
  AllocationStep,
  CostPool,
} from '../../../domain/allocation/plan.ts'
import { type DecimalText, parseDecimal } from '../../../domain/decimal.ts'
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

/** {@link TEMPLATES}, with what lacks the tag that most cost has, and a pool to be said in one's own words. */
export const templatesFor = (tagKey: string | undefined): readonly Template[] => [
  ...TEMPLATES.slice(0, -1),
  ...(tagKey === undefined
    ? []
    : [
        {
          name: `Untagged: no ${tagKey}`.slice(0, 120),
          pool: {
            takes: 'unattributed',
            conditions: [{ field: `tag:${tagKey}`, operator: 'absent', value: '' }],
          },
          kind: 'direct_cost',
        } as const,
      ]),
  ...TEMPLATES.slice(-1),
  {
    name: 'Another pool',
    pool: { takes: 'unattributed', conditions: [{ field: 'service', operator: 'equals', value: '' }] },
    kind: 'direct_cost',
  },
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

/** The step at an index put to another; the others keep their order. */
export const placedStep = (plan: AllocationPlan, index: number, to: number): AllocationPlan => {
  const step = plan.steps[index]
  return step === undefined ? plan : { ...plan, steps: plan.steps.toSpliced(index, 1).toSpliced(to, 0, step) }
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

/** A number as people write it: digits, a point, and commas only between thousands. Null where it is none, or negative. */
export const parseWeight = (text: string): DecimalText | null => {
  const plain = text.trim()
  if (plain.includes(',') && !/^\d{1,3}(,\d{3})+(\.\d*)?$/.test(plain)) return null
  const number = parseDecimal(plain.replaceAll(',', ''))
  return number === null || number.startsWith('-') ? null : number
}

/**
 * Reads a pasted list, one customer (its name or id) and a number a line, with a tab, comma or semicolon between them.
 * What can't be read is named by its line; the table is that of the lines that can.
 */
export const parseWeightList = (
  text: string,
  customers: readonly { readonly id: string; readonly name: string }[],
): {
  readonly table: readonly { readonly customerId: string; readonly weight: DecimalText }[]
  readonly faults: readonly string[]
} => {
  const fold = (words: string) => words.trim().toLowerCase()
  const byName = new Map<string, string[]>()
  for (const { id, name } of customers) byName.set(fold(name), [...(byName.get(fold(name)) ?? []), id])
  const ids = new Set(customers.map(({ id }) => id))
  const weights = new Map<string, DecimalText>()
  const faults: string[] = []
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '') return
    // A name may hold commas and a number may, too: a tab decides where there is one, else the last mark with a number.
    const cells = line.includes('\t') ? /^([^\t]*)\t(.*)$/.exec(line) : /^(.*?)[;,](\s*[\d.]+\s*)$/.exec(line)
    const [, who = '', number = ''] = cells ?? []
    const say = (fault: string) => faults.push(`Line ${index + 1}: ${fault}`)
    const weight = parseWeight(number)
    if (cells === null || weight === null) {
      say(`“${line.trim().slice(0, 80)}” is not a customer, a comma and a number of zero or more.`)
      return
    }
    const named = byName.get(fold(who)) ?? []
    const id = ids.has(who.trim()) ? who.trim() : named[0]
    if (id === undefined) say(`the book has no customer “${who.trim().slice(0, 80)}”.`)
    else if (!ids.has(who.trim()) && named.length > 1)
      say(
        `${named.length} customers are called “${who.trim().slice(0, 80)}”; write the id of the one you mean.`,
      )
    else if (weights.has(id)) say(`“${who.trim().slice(0, 80)}” is named twice; keep one of the two.`)
    else weights.set(id, weight)
  })
  return { table: [...weights].map(([customerId, weight]) => ({ customerId, weight })), faults }
}
