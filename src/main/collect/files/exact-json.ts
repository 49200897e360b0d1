/**
 * JSON whose numbers keep every digit. A number that a double holds as the whole number that is written stays
 * one; any other becomes an `ExactNumber` with its text as written.
 */
import { type DecimalText, parseDecimal } from '../../../domain/decimal.ts'

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

const keepDigits: SourceReviver = (_key, value, { source = '' }) =>
  typeof value === 'number' && !(Number.isSafeInteger(value) && String(value) === source)
    ? new ExactNumber(source)
    : value

/** Undefined where the text is not JSON. */
export const parseExactJson = (text: string): ExactJson | undefined => {
  try {
    // The reviver costs five times the parsing, so it runs only where a number may lose a digit.
    return INEXACT.test(text)
      ? (JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown) as ExactJson)
      : (JSON.parse(text) as ExactJson)
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
