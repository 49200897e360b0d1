/** Reading a document from a file or standard input: JSON, checked by its schema, every fault named by its place. */
import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { z } from 'zod'
import { DECIMAL_MESSAGES } from '../../contract/common.ts'
import type { Issue } from '../../domain/issue.ts'
import type { OwnWords } from '../../domain/pricing/own-words.ts'
import { faultsOf, innermost, unknownField } from './document-faults.ts'
import { Refusal } from './failure.ts'
import { ExactNumber, JsonFault, parseJson } from './json-text.ts'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be read by this user',
  Z_BUF_ERROR: 'is gzip whose end is missing: copy it again',
  Z_DATA_ERROR: 'is gzip that is damaged: copy it again',
}

export const KEPT = 'Nothing was changed.'

/** The name of a file in a sentence. */
export const fileName = (file: string): string => (file === '-' ? 'standard input' : basename(file))

/** A file that cannot be read, as a sentence. */
export const cannotBeRead = (file: string, error: unknown, kept = KEPT): Refusal => {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return new Refusal('file_cannot_be_read', `${file} ${reasons[code] ?? `cannot be read (${code})`}. ${kept}`)
}

/** Bytes as text: UTF-8, or UTF-16 where its byte order mark says so. */
const decoded = (bytes: Buffer): string => {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8'
  return new TextDecoder(encoding).decode(bytes)
}

/**
 * The text of a file; of standard input where it is called `-`.
 * @throws Refusal `file_cannot_be_read`
 */
export const readText = (file: string, workingDirectory: string, kept = KEPT): string => {
  try {
    return decoded(readFileSync(file === '-' ? 0 : resolve(workingDirectory, file)))
  } catch (error) {
    throw cannotBeRead(file, error, kept)
  }
}

/** @throws Refusal `document_is_not_json` */
export const parseDocument = (text: string, file: string, kept = KEPT): unknown => {
  if (text.trim() === '')
    throw new Refusal('document_is_not_json', `${fileName(file)} is empty, where JSON should be. ${kept}`)
  try {
    return parseJson(text)
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error
    throw new Refusal('document_is_not_json', `${fileName(file)} is not JSON: ${error.message}. ${kept}`)
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Fields the schema did not take over: misspelt ones, which must not be dropped in silence. */
const unknownFields = (given: unknown, taken: unknown, path: readonly PropertyKey[]): PropertyKey[][] => {
  if (Array.isArray(given) && Array.isArray(taken))
    return given.flatMap((each, at) => unknownFields(each, taken[at], [...path, at]))
  if (!isObject(given) || !isObject(taken)) return []
  return Object.keys(given).flatMap((key) =>
    Object.hasOwn(taken, key) ? unknownFields(given[key], taken[key], [...path, key]) : [[...path, key]],
  )
}

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (found, key) =>
      isObject(found) || Array.isArray(found) ? (found as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  )

/** The document with decimals that were written as numbers as texts, every digit as it was written. */
const withDecimals = (document: unknown, places: readonly (readonly PropertyKey[])[]): unknown => {
  const copy = structuredCloneOf(document)
  for (const path of places) {
    const holder = at(copy, path.slice(0, -1)) as Record<PropertyKey, unknown>
    const key = path.at(-1) as PropertyKey
    const value = holder[key]
    holder[key] = value instanceof ExactNumber ? value.text : String(value)
  }
  return copy
}

const structuredCloneOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(structuredCloneOf)
  if (!isObject(value) || value instanceof ExactNumber) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, structuredCloneOf(member)]))
}

const isNumber = (value: unknown): boolean => typeof value === 'number' || value instanceof ExactNumber

/** The document without the member that tells editors which schema it has. */
const withoutSchema = (given: unknown): unknown => {
  if (!isObject(given) || typeof given.$schema !== 'string') return given
  const { $schema: _schema, ...rest } = given
  return rest
}

interface Checked<T> {
  readonly data: T | null
  readonly issues: readonly Issue[]
}

/** Checks a document; a decimal may be a number, since its digits were kept, and is a text from here on. */
export const checkDocument = <T>(schema: z.ZodType<T>, given: unknown): Checked<T> => {
  let document = withoutSchema(given)
  // A union tells its faults only after those before them are mended, so a few rounds may be needed.
  for (let round = 0; ; round += 1) {
    const read = schema.safeParse(document, { reportInput: true })
    if (read.success) {
      const unknown = unknownFields(document, read.data, [])
      return { data: read.data, issues: unknown.map((path) => unknownField(schema, document, path)) }
    }
    const numbers = read.error.issues
      .flatMap(innermost)
      .filter(
        (issue) =>
          issue.code === 'invalid_type' &&
          DECIMAL_MESSAGES.includes(issue.message) &&
          isNumber(at(document, issue.path)),
      )
      .map(({ path }) => path)
    if (numbers.length === 0 || round === 5)
      return { data: null, issues: faultsOf(schema, document, read.error.issues) }
    document = withDecimals(document, numbers)
  }
}

/** @throws Refusal `document_is_wrong` */
export const refuseFaults = (file: string, issues: readonly Issue[], kept = KEPT): void => {
  const [first] = issues
  if (first === undefined) return
  const faults =
    issues.length === 1
      ? `${fileName(file)}, ${first.message}`
      : `${fileName(file)} has ${issues.length} faults.`
  throw new Refusal('document_is_wrong', `${faults} ${kept}`, issues)
}

/**
 * The document in a file.
 * @param inWords puts other products' words in ours, before the schema reads it
 * @param kept what a refusal says was left as it is
 * @throws Refusal `document_is_not_json` or `document_is_wrong`, with an issue for each fault
 */
export const readDocument = <T>(
  schema: z.ZodType<T>,
  file: string,
  workingDirectory: string,
  inWords?: (given: unknown) => OwnWords,
  kept = KEPT,
): T => {
  const document = parseDocument(readText(file, workingDirectory, kept), file, kept)
  const { given, issues: ambiguous } = inWords?.(document) ?? { given: document, issues: [] }
  refuseFaults(file, ambiguous, kept)
  const { data, issues } = checkDocument(schema, given)
  refuseFaults(file, issues, kept)
  return data as T
}
