/**
 * JSON whose numbers keep every digit. A number that a double holds as the whole number that is written stays
 * one; any other becomes an `ExactNumber` with its text as written.
 */
import { type DecimalText, parseDecimal } from '../../../domain/decimal.ts'
import { hasEscapedKey, parseByHand } from '../../../domain/escaped-keys.ts'

export class ExactNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type ExactJson =
  | string
  | number
  | boolean
  | null
  | ExactNumber
  | readonly ExactJson[]
  | { readonly [key: string]: ExactJson }
export type ExactObject = { readonly [key: string]: ExactJson }

/** Sees every number with a point, an exponent, a minus zero or more than 15 digits. It may see one in a string too. */
const INEXACT =
  /(?:[:[,\s]|^)-?(?:\d{16,}|0(?=[\s,}\]])|\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+))\s*(?:[,}\]]|$)/

type SourceReviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

const exactNumber = (value: number, source: string): number | ExactNumber =>
  Number.isSafeInteger(value) && String(value) === source ? value : new ExactNumber(source)

const keepDigits: SourceReviver = (_key, value, { source = '' }) =>
  typeof value === 'number' ? exactNumber(value, source) : value

/** Deeper ones would overflow the stack of whoever walks them; no record of any format read here has ten levels. */
const NESTING_MAX = 500

const isNestedTooDeep = (text: string): boolean => {
  // Each level takes two characters, so that nearly every line is passed without a look at it.
  if (text.length <= 2 * NESTING_MAX) return false
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charCodeAt(i)
    if (character === QUOTE) inString = !inString
    else if (inString) i += character === BACKSLASH ? 1 : 0
    else if (character === OPEN_LIST || character === OPEN_OBJECT) depth += 1
    else if (character === CLOSE_LIST || character === CLOSE_OBJECT) depth -= 1
    if (depth > NESTING_MAX) return true
  }
  return false
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [34, 92, 91, 93, 123, 125]

/** Half of a surrogate pair as an escape: it may stand without its other half, and is no character then. */
const HALF = /\\u[dD][89a-fA-F]/

/**
 * The same with U+FFFD for what is no character, as the ledger keeps it and as a file's bytes are decoded. Two names
 * that differ only there would be one name in the ledger and two to whoever reads the file again.
 */
const wellFormed = (value: ExactJson): ExactJson => {
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map(wellFormed)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key.toWellFormed(), wellFormed(member)]),
  )
}

const parse = (text: string): ExactJson => {
  if (hasEscapedKey(text))
    return parseByHand(text, (source) => exactNumber(Number(source), source)) as ExactJson
  // The reviver costs five times the parsing, so it runs only where a number may lose a digit.
  return INEXACT.test(text)
    ? (JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown) as ExactJson)
    : (JSON.parse(text) as ExactJson)
}

/** Undefined where the text is not JSON, or nested more than {@link NESTING_MAX} deep. */
export const parseExactJson = (text: string): ExactJson | undefined => {
  if (isNestedTooDeep(text)) return undefined
  try {
    const parsed = parse(text)
    return HALF.test(text) ? wellFormed(parsed) : parsed
  } catch {
    return undefined
  }
}

export const isObject = (value: ExactJson | undefined): value is ExactObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)

/** The text of a scalar; undefined for null, lists and objects. Numbers are canonical decimals. */
export const scalarText = (value: ExactJson | undefined): string | undefined => {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean' || typeof value === 'number') return String(value)
  return value instanceof ExactNumber ? (parseDecimal(value.text) ?? value.text) : undefined
}

/** A number, or a string that holds one, as exact decimal text; null where it is neither. */
export const decimalOf = (value: ExactJson): DecimalText | null => {
  if (typeof value === 'number') return parseDecimal(String(value))
  if (value instanceof ExactNumber) return parseDecimal(value.text)
  return typeof value === 'string' ? parseDecimal(value) : null
}

/** Canonical JSON (keys sorted, no white space) with numbers as canonical decimals. */
export const exactCanonical = (value: ExactJson): string => {
  if (value instanceof ExactNumber || typeof value === 'number') return scalarText(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(exactCanonical).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${exactCanonical(value[key] ?? null)}`)
  return `{${members.join(',')}}`
}

/** The value as JSON text for a message. */
export const shown = (value: ExactJson | undefined): string =>
  value === undefined ? 'nothing' : exactCanonical(value).slice(0, 80)
