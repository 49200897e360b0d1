/** Random formulas. */
import type { Random } from '../../faults/simulation/random.ts'

const FORMULAS = [
  'm.sum',
  'm.sum / 3',
  'max(m.sum / 1000, n.sum)',
  'm.sum > 10 ? m.sum * 2 : n.sum',
  'metric("m-dash") * 1.5 - m.sum',
  'round(m.sum / 2) + ceil(n.sum / 7) - floor(n.sum / 3)',
  'm.sum / n.sum',
  'n.sum == 0 ? 0 : m.sum / n.sum',
  'abs(m.sum - n.sum) + -2 * min(m.sum, n.sum, 5)',
  '(m.sum + n.sum) / 2 >= 3 ? 1 : m.sum <= 1 ? 2 : .5',
  'm.max + m.last * 2',
  '1 - 2 - m.sum * 3 / 7',
  'm.sum != 4 ? m.sum - 4 : 9',
]

const METRICS_OF_FORMULAS = ['m.sum', 'm.sum', 'n.sum', 'metric("m-dash")', 'm.max', 'm.last', 'm.unique']
const NUMBERS = ['0', '1', '2', '3', '7', '0.5', '.25', '1000', '2.125']

/** Any formula; without parentheses now and then, so that what binds closer matters. */
const drawFormula = (random: Random, depth: number): string => {
  const inner = () => drawFormula(random, depth - 1)
  if (depth === 0 || random.chance(15)) return random.pick(random.chance(65) ? METRICS_OF_FORMULAS : NUMBERS)
  const binary = () => `${inner()} ${random.pick(['+', '-', '*', '/'])} ${inner()}`
  switch (random.pick(['binary', 'binary', 'plain', 'negative', 'one', 'many', 'choice'] as const)) {
    case 'binary':
      return `(${binary()})`
    case 'plain':
      return binary()
    case 'negative':
      return `-(${inner()})`
    case 'one':
      return `${random.pick(['abs', 'ceil', 'floor', 'round'])}(${inner()})`
    case 'many':
      return `${random.pick(['min', 'max'])}(${Array.from({ length: random.between(1, 3) }, inner).join(', ')})`
    case 'choice': {
      const test = `${inner()} ${random.pick(['<', '<=', '>', '>=', '==', '!='])} ${inner()}`
      return `(${test} ? ${inner()} : ${inner()})`
    }
  }
}

/** One that names a metric. */
export const drawNamingFormula = (random: Random): string => {
  if (random.chance(40)) return random.pick(FORMULAS)
  const formula = drawFormula(random, random.between(1, 3))
  return /m/.test(formula.replace(/min|max|metric/g, '')) ? formula : `${formula} + m.sum`
}
