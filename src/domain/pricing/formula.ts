/**
 * Formulas over metrics: parsed to a tree of a few kinds of node, each named here, and reckoned on exact decimals.
 * What is not named is refused, so no formula can reach anything but the quantities it is given.
 */
import jsep from 'jsep'
import {
  type DecimalText,
  decimalsOf,
  integerToDecimal,
  negateDecimal,
  parseDecimal,
  sumDecimals,
  ZERO,
} from '../decimal.ts'
import {
  compareDecimals,
  difference,
  divideHalfEven,
  magnitudeOf,
  powerOfTen,
  product,
  quotient,
  toScaled,
} from './exact.ts'

/** Longest formula, in characters; deeper nesting than this allows is no formula of a price list. */
const FORMULA_LENGTH_MAX = 500

const FUNCTIONS = ['min', 'max', 'abs', 'ceil', 'floor', 'round'] as const
type FormulaFunction = (typeof FUNCTIONS)[number]
const COMPARISONS = ['<', '<=', '>', '>=', '==', '!='] as const
type Comparison = (typeof COMPARISONS)[number]
const ARITHMETIC = ['+', '-', '*', '/'] as const
type Arithmetic = (typeof ARITHMETIC)[number]

type FormulaNode =
  | { readonly kind: 'number'; readonly value: DecimalText }
  | { readonly kind: 'metric'; readonly metric: string }
  | { readonly kind: 'negative'; readonly of: FormulaNode }
  | {
      readonly kind: 'arithmetic'
      readonly sign: Arithmetic
      readonly left: FormulaNode
      readonly right: FormulaNode
    }
  | { readonly kind: 'call'; readonly name: FormulaFunction; readonly of: readonly FormulaNode[] }
  | {
      readonly kind: 'choice'
      readonly sign: Comparison
      readonly left: FormulaNode
      readonly right: FormulaNode
      readonly holds: FormulaNode
      readonly otherwise: FormulaNode
    }

export interface Formula {
  readonly root: FormulaNode
  /** Each once, in the order in which the formula names them. */
  readonly metrics: readonly string[]
}

/** A sentence about what the formula must not say. */
class Refusal extends Error {}

const isOneOf = <T extends string>(list: readonly T[], text: unknown): text is T =>
  (list as readonly unknown[]).includes(text)

const refuse = (what: string): never => {
  throw new Refusal(what)
}

const ALLOWED =
  'A formula has numbers, metrics, + - * /, parentheses, comparisons with ? :, and min, max, abs, ceil, floor, round.'

const expressionOf = (value: unknown): jsep.Expression =>
  typeof value === 'object' && value !== null && 'type' in value
    ? (value as jsep.Expression)
    : refuse(`A part of the formula is missing. ${ALLOWED}`)

/** `api.calls` is one name, whatever its parts are called: it is looked up among the metrics and nowhere else. */
const nameOf = (node: jsep.Expression): string | null => {
  if (node.type === 'Identifier') return String(node.name)
  if (node.type !== 'MemberExpression' || node.computed === true || node.optional === true) return null
  const [object, property] = [nameOf(expressionOf(node.object)), nameOf(expressionOf(node.property))]
  return object === null || property === null ? null : `${object}.${property}`
}

const toNumber = (raw: string): FormulaNode => {
  const value = /^[\d.]+$/.test(raw) ? parseDecimal(raw) : null
  return value === null
    ? refuse(`${raw} is no number of a formula. Write it as 0.40.`)
    : { kind: 'number', value }
}

const toCall = (node: jsep.Expression): FormulaNode => {
  const name = nameOf(expressionOf(node.callee))
  const given = Array.isArray(node.arguments) ? node.arguments.map(expressionOf) : []
  const [first] = given
  if (name === 'metric') {
    if (given.length !== 1 || first?.type !== 'Literal' || typeof first.value !== 'string')
      return refuse('metric() takes one name in quotes: metric("api-calls").')
    return { kind: 'metric', metric: first.value }
  }
  if (!isOneOf(FUNCTIONS, name)) return refuse(`There is no function "${name ?? '?'}". ${ALLOWED}`)
  const isOpen = name === 'min' || name === 'max'
  if (given.length === 0 || (!isOpen && given.length !== 1))
    return refuse(`${name}() takes ${isOpen ? 'one value or more' : 'one value'}, not ${given.length}.`)
  return { kind: 'call', name, of: given.map(toNode) }
}

const toChoice = (node: jsep.Expression): FormulaNode => {
  const test = expressionOf(node.test)
  if (test.type !== 'BinaryExpression' || !isOneOf(COMPARISONS, test.operator))
    return refuse('What stands before "?" must compare two values: a > 100 ? a : 100.')
  return {
    kind: 'choice',
    sign: test.operator,
    left: toNode(expressionOf(test.left)),
    right: toNode(expressionOf(test.right)),
    holds: toNode(expressionOf(node.consequent)),
    otherwise: toNode(expressionOf(node.alternate)),
  }
}

const toNode = (node: jsep.Expression): FormulaNode => {
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'number'
        ? toNumber(String(node.raw))
        : refuse(`${String(node.raw)} is no number. ${ALLOWED}`)
    case 'Identifier':
    case 'MemberExpression': {
      const metric = nameOf(node)
      return metric === null
        ? refuse(`Brackets are not allowed: name a metric as api.calls or metric("api-calls"). ${ALLOWED}`)
        : { kind: 'metric', metric }
    }
    case 'UnaryExpression': {
      const of = toNode(expressionOf(node.argument))
      if (node.operator === '-') return { kind: 'negative', of }
      return node.operator === '+' ? of : refuse(`"${String(node.operator)}" is not allowed. ${ALLOWED}`)
    }
    case 'BinaryExpression':
      if (isOneOf(COMPARISONS, node.operator))
        return refuse(`A comparison is no quantity: use it before "?", as in a > 100 ? a : 100.`)
      if (!isOneOf(ARITHMETIC, node.operator))
        return refuse(`"${String(node.operator)}" is not allowed. ${ALLOWED}`)
      return {
        kind: 'arithmetic',
        sign: node.operator,
        left: toNode(expressionOf(node.left)),
        right: toNode(expressionOf(node.right)),
      }
    case 'CallExpression':
      return toCall(node)
    case 'ConditionalExpression':
      return toChoice(node)
    default:
      return refuse(`It must be one expression. ${ALLOWED}`)
  }
}

const childrenOf = (node: FormulaNode): readonly FormulaNode[] => {
  switch (node.kind) {
    case 'number':
    case 'metric':
      return []
    case 'negative':
      return [node.of]
    case 'call':
      return node.of
    case 'arithmetic':
      return [node.left, node.right]
    case 'choice':
      return [node.left, node.right, node.holds, node.otherwise]
  }
}

const metricsIn = (node: FormulaNode): readonly string[] =>
  node.kind === 'metric' ? [node.metric] : childrenOf(node).flatMap(metricsIn)

/** The formula, or a sentence about what is wrong with it. Nothing of it is ever run as a program. */
export const parseFormula = (text: string): Formula | { readonly problem: string } => {
  if (text.length > FORMULA_LENGTH_MAX)
    return { problem: `It has ${text.length} characters; at most ${FORMULA_LENGTH_MAX} are allowed.` }
  try {
    const root = toNode(jsep(text))
    return { root, metrics: [...new Set(metricsIn(root))] }
  } catch (failure) {
    if (failure instanceof Refusal) return { problem: failure.message }
    // jsep throws Error with `description` and `index` for text that is no expression.
    const { description, index } = failure as { description?: string; index?: number }
    if (description === undefined) throw failure
    return { problem: `It cannot be read at character ${(index ?? 0) + 1}: ${description}.` }
  }
}

/** Empty where the formula cannot be read. */
export const metricsOfFormula = (text: string): readonly string[] => {
  const formula = parseFormula(text)
  return 'problem' in formula ? [] : formula.metrics
}

const toWhole = (value: DecimalText, name: 'ceil' | 'floor' | 'round'): DecimalText => {
  const scale = decimalsOf(value)
  const size = powerOfTen(scale)
  const integer = toScaled(value, scale)
  if (name === 'round') return integerToDecimal(divideHalfEven(integer, size), 0)
  const below = integer / size - (integer % size < 0n ? 1n : 0n)
  return integerToDecimal(name === 'floor' || below * size === integer ? below : below + 1n, 0)
}

const call = (name: FormulaFunction, values: readonly DecimalText[]): DecimalText => {
  const [first = ZERO] = values
  if (name === 'abs') return magnitudeOf(first)
  if (name === 'min') return values.reduce((a, b) => (compareDecimals(b, a) < 0 ? b : a), first)
  if (name === 'max') return values.reduce((a, b) => (compareDecimals(b, a) > 0 ? b : a), first)
  return toWhole(first, name)
}

const holds = (sign: Comparison, order: number): boolean => {
  switch (sign) {
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    case '==':
      return order === 0
    case '!=':
      return order !== 0
  }
}

/**
 * The formula's value, null where it divides by zero. Exact but for quotients that do not end (20 decimals,
 * half-even); a metric that is not given is zero; of a choice only the part that holds is reckoned.
 */
export const evaluateFormula = (
  formula: Formula,
  quantities: ReadonlyMap<string, DecimalText>,
): DecimalText | null => {
  const valueIn = (node: FormulaNode): DecimalText | null => {
    if (node.kind === 'number') return node.value
    if (node.kind === 'metric') return quantities.get(node.metric) ?? ZERO
    if (node.kind === 'negative') {
      const value = valueIn(node.of)
      return value === null ? null : negateDecimal(value)
    }
    if (node.kind === 'call') {
      const values = node.of.map(valueIn)
      return values.includes(null) ? null : call(node.name, values as readonly DecimalText[])
    }
    const [left, right] = [valueIn(node.left), valueIn(node.right)]
    if (left === null || right === null) return null
    if (node.kind === 'choice')
      return valueIn(holds(node.sign, compareDecimals(left, right)) ? node.holds : node.otherwise)
    if (node.sign === '+') return sumDecimals([left, right])
    if (node.sign === '-') return difference(left, right)
    if (node.sign === '*') return product(left, right)
    return right === ZERO ? null : quotient(left, right)
  }
  return valueIn(formula.root)
}
