/** Random charges, with edges where quantities will be put. All are valid by docs/pricing/README.md. */
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Charge, QuantityPrice } from '../../../src/domain/pricing/ratecard.ts'
import type { Random } from '../../faults/simulation/random.ts'
import { drawNamingFormula } from './draw-formula.ts'

export const text = (value: string) => value as DecimalText

const trimmed = (whole: number, after: string): string => {
  const kept = after.replace(/0+$/, '')
  return kept === '' ? `${whole}` : `${whole}.${kept}`
}

/** A canonical decimal from zero to below `end`, with at most so many decimals. */
export const drawDecimal = (random: Random, end: number, decimals: number): DecimalText => {
  const whole = random.below(end)
  const digits = random.below(decimals + 1)
  return text(trimmed(whole, digits === 0 ? '' : String(random.below(10 ** digits)).padStart(digits, '0')))
}

/** Zero, everyday prices, and now and then one of a billionth or of billions. */
const drawPrice = (random: Random): DecimalText => {
  if (random.chance(10)) return text('0')
  if (random.chance(5)) return text(`0.${'0'.repeat(random.between(6, 11))}${random.between(1, 99)}`)
  if (random.chance(3)) return text(`${random.between(1, 99)}000000000.01`)
  return drawDecimal(random, random.pick([1, 1, 10, 1000]), 6)
}

/** Rising edges above zero. */
export const drawEdges = (random: Random, count: number): DecimalText[] => {
  const edges: DecimalText[] = []
  const step = random.pick([1, 5, 10, 100, 1000, 1000, 2_000_000_000])
  let whole = 0
  for (let i = 0; i < count; i++) {
    whole += 1 + random.below(step)
    edges.push(text(trimmed(whole, random.chance(20) ? String(random.below(1000)).padStart(3, '0') : '')))
  }
  return edges
}

/** A price of quantities, noting its edges. */
export const drawQuantityPrice = (
  random: Random,
  edges: string[],
  only?: QuantityPrice['kind'],
): QuantityPrice => {
  const kind =
    only ??
    random.pick(['per_unit', 'graduated', 'volume', 'stair_step', 'package', 'graduated', 'volume'] as const)
  const per = text(random.pick(['1', '1', '1', '10', '1000', '1000000', '8', '0.5']))
  const ends = drawEdges(random, random.below(4))
  const upTos = [...ends, null]
  const flat = () => (random.chance(35) ? { flatAmount: drawDecimal(random, 50, 2) } : {})
  switch (kind) {
    case 'per_unit':
      return { kind, unitAmount: drawPrice(random), per }
    case 'graduated':
    case 'volume':
      edges.push(...ends)
      return {
        kind,
        per,
        tiers: upTos.map((upTo) => ({ upTo, unitAmount: drawPrice(random), ...flat() })),
      }
    case 'stair_step':
      edges.push(...ends)
      return { kind, steps: upTos.map((upTo) => ({ upTo, amount: drawDecimal(random, 500, 3) })) }
    case 'package': {
      const size = text(random.pick(['1', '3', '7', '10', '1000', '0.7', '33']))
      edges.push(size)
      return { kind, amount: drawDecimal(random, 50, 3), size, lastBlock: random.pick(['whole', 'prorated']) }
    }
  }
}

export const FACTORS = ['1.1', '0.9', '2', '0.333', '1.0525', '0', '1', '0.000001', '15.5']

const KINDS = [
  'flat_fee',
  'quantity',
  'quantity',
  'quantity',
  'window',
  'window',
  'long_window',
  'matrix',
  'time_of_day',
  'percentage',
  'graduated_percentage',
  'revenue_share',
  'seat',
  'time_weighted',
  'dynamic',
  'formula',
  'cost_plus',
] as const

interface Drawn {
  readonly charge: Charge
  /** In billed units. */
  readonly edges: readonly string[]
}

/** Values of the dimensions that charges cut by; the last of each is in no cell and no filter. */
export const DIMENSIONS = {
  region: ['eu', 'us', 'ap', 'xx'],
  plan: ['pro', 'free', '', 'zz'],
  route: ['a', 'b', 'c'],
} as const
type Dimension = keyof typeof DIMENSIONS

/** Texts that an event may carry as its price. */
export const CARRIED = ['0.5', '1', '1.00', '2.75', '.25', '1e-2', '-3', 'free', '0', '12.345678'] as const

const bounds = (random: Random) => ({
  ...(random.chance(15) ? { minimum: drawDecimal(random, 200, 2) } : {}),
  ...(random.chance(15) ? { maximum: drawDecimal(random, 900, 2) } : {}),
})

/** A charge of some kind; of `window` a price of quantities by the hour or day, of `long_window` over months. */
export const drawCharge = (random: Random, id = 'c1'): Drawn => {
  const edges: string[] = []
  const of = random.pick(KINDS)
  const base = {
    id,
    name: id,
    ...(random.chance(20) ? { multiplier: text(random.pick(FACTORS)) } : {}),
    ...bounds(random),
  }
  const included = () => {
    if (!random.chance(30)) return {}
    const quantity = drawDecimal(random, random.pick([2, 10, 1000]), random.pick([0, 2]))
    edges.push(quantity)
    return { included: { quantity, per: random.pick(['month', 'month', 'term'] as const) } }
  }
  const convert = () =>
    random.chance(25)
      ? {
          convert: {
            unit: 'unit',
            size: text(random.pick(['1000', '1024', '3', '7', '60', '0.5', '1073741824'])),
          },
        }
      : {}
  const increment = (...of: readonly ('period' | 'event')[]) =>
    random.chance(25)
      ? {
          increment: {
            size: text(random.pick(['1', '5', '0.25', '60', '0.1'])),
            of: random.pick(of),
            ...(random.chance(40) ? { minimum: drawDecimal(random, 20, 1) } : {}),
          },
        }
      : {}
  const filters = () =>
    random.chance(20)
      ? {
          filters: [
            {
              dimension: 'region',
              values: random.shuffled(['eu', 'us', 'ap']).slice(0, random.between(1, 3)),
            },
            ...(random.chance(30) ? [{ dimension: 'plan', values: ['pro', ''] }] : []),
          ],
        }
      : {}
  const usage = { ...base, metric: 'm.sum', ...filters() }
  switch (of) {
    case 'flat_fee':
      return {
        edges,
        charge: {
          ...base,
          kind: of,
          amount: drawDecimal(random, 5000, 3),
          ...(random.chance(40) ? { every: random.pick([1, 3, 6, 12, 'once'] as const) } : {}),
          ...(random.chance(30) ? { timing: random.pick(['advance', 'arrears'] as const) } : {}),
          ...(random.chance(60) ? { proration: random.pick(['day', 'second', 'none'] as const) } : {}),
        },
      }
    case 'quantity': {
      const metric = random.pick(['m.sum', 'm.sum', 'm.sum', 'm.max', 'm.last', 'm.unique'])
      const price = drawQuantityPrice(random, edges)
      const raised = metric === 'm.sum' ? increment('period', 'event') : increment('period')
      return { charge: { ...usage, metric, ...price, ...included(), ...convert(), ...raised }, edges }
    }
    case 'window': {
      const window = random.pick(['hour', 'day'] as const)
      const metric = random.chance(20) ? random.pick(['m.max', 'm.last']) : 'm.sum'
      const raised = metric === 'm.sum' ? increment('period', 'event') : increment('period')
      const price = drawQuantityPrice(random, edges)
      return { charge: { ...usage, metric, ...price, ...included(), ...convert(), ...raised, window }, edges }
    }
    case 'long_window': {
      const window = random.pick(['quarter', 'year', 'term'] as const)
      const raised = increment('period', 'event')
      const price = drawQuantityPrice(random, edges)
      const priced = { ...price, ...included(), ...convert(), ...raised, window }
      return { charge: { ...usage, metric: 'm.sum', ...priced }, edges }
    }
    case 'matrix': {
      const names = random.shuffled(Object.keys(DIMENSIONS) as Dimension[])
      const dimensions = names.slice(0, random.between(1, 3))
      const cells = Array.from({ length: random.between(1, 5) }, () => ({
        values: dimensions.map((name) =>
          random.chance(30) ? null : random.pick<string>(DIMENSIONS[name].slice(0, -1)),
        ),
        price: drawQuantityPrice(random, edges),
      }))
      return {
        charge: {
          ...usage,
          kind: of,
          dimensions,
          cells,
          ...included(),
          ...convert(),
          ...increment('period', 'event'),
        },
        edges,
      }
    }
    case 'time_of_day': {
      const bands = Array.from({ length: random.between(1, 3) }, (_, i) => ({
        name: `band ${i}`,
        from: random.below(24),
        to: random.between(1, 24),
        ...(random.chance(50)
          ? { weekdays: random.shuffled([1, 2, 3, 4, 5, 6, 7]).slice(0, random.between(1, 6)) }
          : {}),
        price: drawQuantityPrice(random, edges),
      }))
      const otherwise = drawQuantityPrice(random, edges)
      return {
        charge: {
          ...usage,
          kind: of,
          bands,
          otherwise,
          ...included(),
          ...convert(),
          ...increment('period', 'event'),
        },
        edges,
      }
    }
    case 'percentage': {
      const freeAmount = drawDecimal(random, 200, 2)
      if (random.chance(50)) edges.push(freeAmount)
      return {
        edges,
        charge: {
          ...usage,
          ...convert(),
          kind: of,
          percent: drawDecimal(random, 20, 3),
          ...(random.chance(50) ? { fixedPerEvent: drawDecimal(random, 2, 2) } : {}),
          ...(random.chance(40) ? { freeEvents: random.below(5) } : {}),
          ...(edges.length > 0 ? { freeAmount } : {}),
          ...(random.chance(30) ? { minimumPerEvent: drawDecimal(random, 2, 2) } : {}),
          ...(random.chance(30) ? { maximumPerEvent: text(String(random.between(2, 12))) } : {}),
        },
      }
    }
    case 'graduated_percentage': {
      const ends = drawEdges(random, random.below(4))
      edges.push(...ends)
      const tiers = [...ends, null].map((upTo) => ({
        upTo,
        percent: drawDecimal(random, 30, 3),
        ...(random.chance(30) ? { flatAmount: drawDecimal(random, 50, 2) } : {}),
      }))
      return {
        charge: { ...usage, kind: of, tiers, ...included(), ...convert(), ...increment('period', 'event') },
        edges,
      }
    }
    case 'revenue_share':
      return {
        edges,
        charge: {
          ...usage,
          kind: of,
          percent: drawDecimal(random, 50, 3),
          ...(random.chance(60) ? { platformFee: drawDecimal(random, 500, 2) } : {}),
          ...included(),
          ...convert(),
          ...increment('period', 'event'),
        },
      }
    case 'seat':
      return {
        edges,
        charge: {
          ...usage,
          ...convert(),
          ...included(),
          ...increment('period'),
          kind: of,
          metric: 'm.level',
          unitAmount: drawPrice(random),
          proration: random.pick(['day', 'second', 'none']),
          values: random.pick(['level', 'change']),
        },
      }
    case 'time_weighted':
      return {
        edges,
        charge: {
          ...usage,
          ...convert(),
          ...included(),
          ...increment('period'),
          kind: of,
          metric: 'm.level',
          values: random.pick(['level', 'change']),
          heldFor: random.pick(['second', 'hour', 'day', 'month']),
          price: drawQuantityPrice(random, edges),
        },
      }
    case 'dynamic':
      return {
        edges,
        charge: {
          ...usage,
          ...convert(),
          kind: of,
          dimension: 'price',
          carries: random.pick(['unit_price', 'amount']),
        },
      }
    case 'formula': {
      const price = drawQuantityPrice(random, edges)
      return {
        charge: { ...base, ...included(), kind: of, formula: drawNamingFormula(random), unit: 'unit', price },
        edges,
      }
    }
    case 'cost_plus':
      return {
        edges,
        charge: { ...base, kind: of, markupPercent: drawDecimal(random, 60, 2), costs: 'direct' },
      }
  }
}
