/**
 * JSON read strictly and exactly: a number keeps every digit that is written, a name given twice is a fault, and a
 * fault says its line and what to write instead.
 */
import { parseDecimal } from '../../domain/decimal.ts'

/** A number that a double does not hold as it is written: `0.1`, `1e400`, `12345678901234567890`. */
export class ExactNumber {
  /** Canonical decimal text; as written where its exponent is out of all reach. */
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** A sentence without its subject and point: `line 3, column 9: a comma or } is missing`. */
export class JsonFault extends Error {
  override readonly name = 'JsonFault'
}

/** Deeper ones would overflow the stack; no document of ours has twenty levels. */
const NESTING_MAX = 200

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /[\p{L}\p{N}_$.+-]+/uy
const BLANK = /[ \t\n\r]*/y
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}
const WORDS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null }
const HINTS: Readonly<Record<string, string>> = {
  NaN: 'NaN is no number in JSON: leave the field out, or give a decimal',
  Infinity: 'Infinity is no number in JSON: leave the field out, or write null where a bound is open',
  '-Infinity': '-Infinity is no number in JSON: leave the field out',
  undefined: 'undefined is no value in JSON: leave the field out, or write null',
  None: 'None is written null in JSON',
  True: 'True is written true in JSON',
  False: 'False is written false in JSON',
}

/** Exponents beyond this would make texts of any length; no field takes so many digits. */
const EXPONENT_MAX = 400

const numberOf = (source: string): number | ExactNumber => {
  const exponent = /[eE]([+-]?\d+)$/.exec(source)?.[1]
  const isFar = exponent !== undefined && Math.abs(Number(exponent)) > EXPONENT_MAX
  const text = isFar ? source : (parseDecimal(source) ?? source)
  const value = Number(text)
  return Number.isSafeInteger(value) && String(value) === text ? value : new ExactNumber(text)
}

/** Line and column of a place, counted from 1. */
const placeOf = (text: string, at: number): string => {
  const before = text.slice(0, at)
  const line = before.split('\n').length
  return `line ${line}, column ${at - before.lastIndexOf('\n')}`
}

/**
 * The document in the text.
 * @throws JsonFault
 */
export const parseJson = (text: string): unknown => {
  let at = 0
  let depth = 0

  const fail = (what: string, where = at): never => {
    throw new JsonFault(`${placeOf(text, where)}: ${what}`)
  }
  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0] ?? ''
    at += found.length
    return found
  }
  const skipBlank = (): void => {
    // Most values stand right behind their mark.
    if (text.charCodeAt(at) <= 32) match(BLANK)
  }
  const unexpected = (wanted: string): never => {
    if (at >= text.length) return fail(`the text ends where ${wanted} should stand`)
    if (text.startsWith('//', at) || text.startsWith('/*', at) || text[at] === '#')
      return fail('JSON has no comments: take it out')
    if (text[at] === "'") return fail('text is written in double quotes')
    const from = at
    const word = match(WORD)
    return fail(HINTS[word] ?? `“${word === '' ? text[from] : word}” stands where ${wanted} should`, from)
  }

  const escaped = (): string => {
    const sign = text[at + 1] ?? ''
    if (sign !== 'u') {
      const character = ESCAPES[sign]
      if (character === undefined) return fail(`“\\${sign}” is no escape of JSON`)
      at += 2
      return character
    }
    const code = text.slice(at + 2, at + 6)
    if (!/^[0-9a-fA-F]{4}$/.test(code)) return fail('“\\u” is followed by four hexadecimal digits')
    at += 6
    return String.fromCharCode(Number.parseInt(code, 16))
  }
  const plainText = (): string => {
    const start = at
    for (let code = text.charCodeAt(at); code >= 32 && code !== 34 && code !== 92; code = text.charCodeAt(at))
      at += 1
    return text.slice(start, at)
  }
  const string = (): string => {
    const start = at
    at += 1
    let read = plainText()
    while (text[at] === '\\') read += escaped() + plainText()
    if (text[at] !== '"') {
      if (at >= text.length) return fail('a text that begins here is never closed', start)
      return fail('a line break or control character in a text is written as an escape, like \\n')
    }
    at += 1
    return read.isWellFormed() ? read : read.toWellFormed()
  }

  const list = (): unknown[] => {
    const items: unknown[] = []
    at += 1
    skipBlank()
    if (text[at] === ']') {
      at += 1
      return items
    }
    for (;;) {
      items.push(value())
      skipBlank()
      const mark = text[at]
      if (mark !== ',' && mark !== ']') return unexpected('a comma or ]')
      at += 1
      if (mark === ']') return items
      skipBlank()
      if (text[at] === ']') return fail('the comma before ] is one too many', at)
    }
  }

  const object = (): object => {
    const members: Record<string, unknown> = {}
    at += 1
    skipBlank()
    if (text[at] === '}') {
      at += 1
      return members
    }
    for (;;) {
      if (text[at] !== '"') return unexpected('a name in double quotes')
      const from = at
      const key = string()
      if (Object.hasOwn(members, key)) return fail(`“${key}” is given twice: keep one of the two`, from)
      skipBlank()
      if (text[at] !== ':') return unexpected('a colon')
      at += 1
      const member = value()
      // `__proto__` is a name like any other.
      if (key === '__proto__')
        Object.defineProperty(members, key, { value: member, enumerable: true, configurable: true })
      else members[key] = member
      skipBlank()
      const mark = text[at]
      if (mark !== ',' && mark !== '}') return unexpected('a comma or }')
      at += 1
      if (mark === '}') return members
      skipBlank()
      if (text[at] === '}') return fail('the comma before } is one too many', at)
    }
  }

  const nested = <T>(read: () => T): T => {
    depth += 1
    if (depth > NESTING_MAX) return fail(`it is nested more than ${NESTING_MAX} deep`)
    const content = read()
    depth -= 1
    return content
  }

  const value = (): unknown => {
    skipBlank()
    const mark = text[at]
    if (mark === '"') return string()
    if (mark === '{') return nested(object)
    if (mark === '[') return nested(list)
    const from = at
    const number = match(NUMBER)
    const next = text[at]
    if (number !== '' && (next === undefined || /[\s,\]}]/.test(next))) return numberOf(number)
    at = from
    const word = match(WORD)
    if (Object.hasOwn(WORDS, word)) return WORDS[word]
    at = from
    if (/^[-+.]?\d/.test(word)) return fail(`${word} is no number of JSON, like 12.5 or -0.5`)
    return unexpected('a value')
  }

  const document = value()
  skipBlank()
  return at === text.length ? document : fail('there is more after the end of the document')
}
