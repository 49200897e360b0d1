/**
 * Rational numbers over BigInt, always reduced, denominators above zero. Nothing is lost until something is cut or
 * rounded by name.
 */
export interface Rational {
  readonly n: bigint
  readonly d: bigint
}

const gcd = (a: bigint, b: bigint): bigint => {
  let x = a < 0n ? -a : a
  let y = b
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

export const fraction = (n: bigint, d: bigint): Rational => {
  if (d === 0n) throw new RangeError('nothing is divided by zero')
  if (d === 1n) return { n, d }
  const [over, under] = d < 0n ? [-n, -d] : [n, d]
  const common = gcd(over, under)
  return common === 1n ? { n: over, d: under } : { n: over / common, d: under / common }
}

export const whole = (value: bigint | number): Rational => ({ n: BigInt(value), d: 1n })
export const NOUGHT = whole(0)
export const ONE = whole(1)
export const HUNDRED = whole(100)

export const add = (a: Rational, b: Rational): Rational =>
  a.d === b.d ? fraction(a.n + b.n, a.d) : fraction(a.n * b.d + b.n * a.d, a.d * b.d)
export const negate = (a: Rational): Rational => ({ n: -a.n, d: a.d })
export const minus = (a: Rational, b: Rational): Rational => add(a, negate(b))
export const times = (a: Rational, b: Rational): Rational => fraction(a.n * b.n, a.d * b.d)
/** The exact quotient; the rules say where it is cut. */
export const over = (a: Rational, b: Rational): Rational => fraction(a.n * b.d, a.d * b.n)
export const total = (values: Iterable<Rational>): Rational => {
  let sum = NOUGHT
  for (const value of values) sum = add(sum, value)
  return sum
}

/** Below zero, zero or above, as `a` is to `b`. */
export const compare = (a: Rational, b: Rational): number => {
  const left = a.n * b.d
  const right = b.n * a.d
  return left < right ? -1 : left > right ? 1 : 0
}
export const sign = (a: Rational): number => (a.n < 0n ? -1 : a.n > 0n ? 1 : 0)
export const size = (a: Rational): Rational => (a.n < 0n ? negate(a) : a)
export const lesser = (a: Rational, b: Rational): Rational => (compare(a, b) <= 0 ? a : b)
export const greater = (a: Rational, b: Rational): Rational => (compare(a, b) >= 0 ? a : b)

export const floor = (a: Rational): bigint => {
  const quotient = a.n / a.d
  return a.n < 0n && quotient * a.d !== a.n ? quotient - 1n : quotient
}
export const ceiling = (a: Rational): bigint => -floor(negate(a))

/** To a whole number; `half_up` is away from zero. */
export const nearest = (a: Rational, mode: 'half_even' | 'half_up' = 'half_even'): bigint => {
  const magnitude = size(a)
  const down = magnitude.n / magnitude.d
  const twice = 2n * (magnitude.n - down * magnitude.d)
  const up = twice > magnitude.d || (twice === magnitude.d && (mode === 'half_up' || down % 2n === 1n))
  const result = up ? down + 1n : down
  return a.n < 0n ? -result : result
}

export const roundTo = (a: Rational, decimals: number, mode?: 'half_even' | 'half_up'): Rational => {
  const scale = 10n ** BigInt(decimals)
  return fraction(nearest({ n: a.n * scale, d: a.d }, mode), scale)
}

const ends = (a: Rational): boolean => {
  let rest = a.d
  while (rest % 10n === 0n) rest /= 10n
  while (rest % 2n === 0n) rest /= 2n
  while (rest % 5n === 0n) rest /= 5n
  return rest === 1n
}

/** A quotient that ends is exact; one that does not is kept to 20 decimals, or more where it is said, half-even. */
export const cut = (a: Rational, decimals = 20): Rational => (ends(a) ? a : roundTo(a, decimals))

const WRITTEN = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?\s*$/

/** A decimal as people write it; null where the text is none. */
export const readDecimal = (text: string): Rational | null => {
  const match = WRITTEN.exec(text)
  if (!match) return null
  const [, minusSign, before = '', after = '', exponent = '0'] = match
  if (before === '' && after === '') return null
  const digits = BigInt(before + after) * (minusSign === '-' ? -1n : 1n)
  const power = Number(exponent) - after.length
  return power >= 0 ? whole(digits * 10n ** BigInt(power)) : fraction(digits, 10n ** BigInt(-power))
}

export const decimal = (text: string): Rational => {
  const value = readDecimal(text)
  if (value === null) throw new RangeError(`not a decimal: ${text}`)
  return value
}

/** How many decimals the value has when written out; it must end. */
export const decimalsIn = (a: Rational): number => {
  let twos = 0
  let fives = 0
  let rest = a.d
  for (; rest % 2n === 0n; rest /= 2n) twos++
  for (; rest % 5n === 0n; rest /= 5n) fives++
  if (rest !== 1n) throw new RangeError(`${a.n}/${a.d} does not end`)
  return Math.max(twos, fives)
}

/** The value written out: no exponent, no zeros at its end. */
export const write = (a: Rational): string => {
  const decimals = decimalsIn(a)
  const digits = (size(a).n * (10n ** BigInt(decimals) / a.d)).toString().padStart(decimals + 1, '0')
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
  return a.n < 0n ? `-${text}` : text
}
