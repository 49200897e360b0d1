/** Formulas over metrics, read by recursive descent. Division is cut; null is "no value" and spreads. */
import {
  add,
  ceiling,
  compare,
  cut,
  decimal,
  floor,
  greater,
  lesser,
  minus,
  NOUGHT,
  nearest,
  negate,
  ONE,
  over,
  type Rational,
  sign,
  size,
  times,
  whole,
} from './rational.ts'

export type Look = (metric: string) => Rational
type Term = (look: Look) => Rational | null

const TOKEN = /\s*(\d+(?:\.\d+)?|\.\d+|[A-Za-z_][\w.]*|"[^"]*"|'[^']*'|<=|>=|==|!=|[-+*/()<>?:,])/y

const tokensOf = (text: string): string[] => {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  const end = text.trimEnd().length
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (!match) throw new SyntaxError(`no formula: ${text} (at ${at})`)
    tokens.push(match[1] as string)
  }
  return tokens
}

const two =
  (left: Term, right: Term, make: (a: Rational, b: Rational) => Rational | null): Term =>
  (look) => {
    const a = left(look)
    const b = right(look)
    return a === null || b === null ? null : make(a, b)
  }

const truth = (holds: boolean) => (holds ? ONE : NOUGHT)
const OPERATORS: Readonly<Record<string, (a: Rational, b: Rational) => Rational | null>> = {
  '+': add,
  '-': minus,
  '*': times,
  '/': (a, b) => (sign(b) === 0 ? null : cut(over(a, b))),
  '<': (a, b) => truth(compare(a, b) < 0),
  '>': (a, b) => truth(compare(a, b) > 0),
  '<=': (a, b) => truth(compare(a, b) <= 0),
  '>=': (a, b) => truth(compare(a, b) >= 0),
  '==': (a, b) => truth(compare(a, b) === 0),
  '!=': (a, b) => truth(compare(a, b) !== 0),
}
const LEVELS = [
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['+', '-'],
  ['*', '/'],
]
const FUNCTIONS: Readonly<Record<string, (values: readonly Rational[]) => Rational>> = {
  min: (values) => values.reduce(lesser),
  max: (values) => values.reduce(greater),
  abs: ([a = NOUGHT]) => size(a),
  ceil: ([a = NOUGHT]) => whole(ceiling(a)),
  floor: ([a = NOUGHT]) => whole(floor(a)),
  round: ([a = NOUGHT]) => whole(nearest(a)),
}

const read = (text: string): Term => {
  const tokens = tokensOf(text)
  let at = 0
  const take = (token: string): boolean => {
    if (tokens[at] !== token) return false
    at++
    return true
  }
  const need = (token: string) => {
    if (!take(token)) throw new SyntaxError(`no formula: ${text} (${token} is missing)`)
  }
  const choice = (): Term => {
    const test = level(0)
    if (!take('?')) return test
    const then = choice()
    need(':')
    const otherwise = choice()
    return (look) => {
      const value = test(look)
      return value === null ? null : sign(value) === 0 ? otherwise(look) : then(look)
    }
  }
  const level = (depth: number): Term => {
    const operators = LEVELS[depth]
    if (!operators) return unary()
    let left = level(depth + 1)
    for (let token = tokens[at]; token !== undefined && operators.includes(token); token = tokens[at]) {
      at++
      left = two(left, level(depth + 1), OPERATORS[token] as (a: Rational, b: Rational) => Rational | null)
    }
    return left
  }
  const unary = (): Term => {
    if (take('+')) return unary()
    if (!take('-')) return atom()
    const term = unary()
    return (look) => {
      const value = term(look)
      return value === null ? null : negate(value)
    }
  }
  const atom = (): Term => {
    if (take('(')) {
      const inner = choice()
      need(')')
      return inner
    }
    const token = tokens[at++] ?? ''
    if (/^[\d.]/.test(token)) {
      const value = decimal(token)
      return () => value
    }
    if (!/^[A-Za-z_]/.test(token)) throw new SyntaxError(`no formula: ${text} (at ${token})`)
    if (!take('(')) return (look) => look(token)
    if (token === 'metric') {
      const name = (tokens[at++] ?? '').slice(1, -1)
      need(')')
      return (look) => look(name)
    }
    const terms = [choice()]
    while (take(',')) terms.push(choice())
    need(')')
    const make = FUNCTIONS[token]
    if (!make) throw new SyntaxError(`no formula: ${text} (there is no ${token})`)
    return (look) => {
      const values = terms.map((term) => term(look))
      return values.includes(null) ? null : make(values as Rational[])
    }
  }
  const term = choice()
  if (at < tokens.length) throw new SyntaxError(`no formula: ${text} (what is ${tokens[at]}?)`)
  return term
}

const terms = new Map<string, Term>()

/** The value of a formula; null where something in it is divided by zero. */
export const evaluate = (text: string, look: Look): Rational | null => {
  let term = terms.get(text)
  if (!term) {
    if (terms.size > 5_000) terms.clear()
    term = read(text)
    terms.set(text, term)
  }
  return term(look)
}
