/** A rate card as the JSON file of docs/formats/ratecard.md: out as it is, and in with every fault named. */
import type { z } from 'zod'
import { rateCardFile } from '../../../contract/rate-cards.ts'
import type { Issue } from '../../../domain/issue.ts'
import { inOwnWords } from '../../../domain/pricing/own-words.ts'
import { KIND_LABELS } from '../../../domain/pricing/synonyms.ts'
import type { CardTerms } from './card-draft.ts'

/** The file's text. */
export const toCardFile = (terms: CardTerms): string => `${JSON.stringify(terms, null, 2)}\n`

type Read =
  | { readonly terms: CardTerms; readonly notes: readonly string[] }
  | { readonly issues: readonly Issue[] }

const faulty = (code: string, message: string, column?: string): Issue => ({
  severity: 'error',
  code,
  message,
  ...(column === undefined ? {} : { column }),
})

/** `charges[2].tiers[0].upTo`. */
const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${String(part)}`))
    .join('')

const valueAt = (given: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    given,
  )

const sentenceOf = (issue: z.core.$ZodIssue, given: unknown): string => {
  const value = valueAt(given, issue.path)
  if (value === undefined) return 'it is missing; write it.'
  if (issue.code === 'invalid_type' && issue.expected === 'string')
    return 'a text is expected here; prices and quantities are written in quotes, "0.40", because a JSON number loses digits.'
  if (issue.code === 'invalid_type') return `this is no ${issue.expected}.`
  if (issue.code === 'unrecognized_keys')
    return `${issue.keys.map((key) => `"${key}"`).join(', ')}: nothing is known by that name here; mend its spelling, or leave it out.`
  if (issue.path.at(-1) === 'kind')
    return `"${String(value)}" is no kind of charge or price that fits here; write one of ${Object.keys(KIND_LABELS).join(', ')}.`
  if (issue.path.at(-1) === 'effectiveFrom') return `"${String(value)}" is no day; write it as 2026-10-31.`
  return `"${String(value)}" does not fit: ${issue.message}.`
}

/** Reads a file's text; all of it or nothing. What its version would change is said by the caller. */
export const readCardFile = (text: string): Read => {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return {
      issues: [faulty('file_is_no_json', `The file is no JSON: ${reason}. Nothing was read; mend it there.`)],
    }
  }
  const own = inOwnWords(given)
  if (own.issues.length > 0) return { issues: own.issues }
  const read = rateCardFile.safeParse(own.given)
  if (read.success) return { terms: read.data, notes: own.notes }
  return {
    issues: read.error.issues.map((issue) => {
      const path = pathText(issue.path)
      return faulty(
        'field_is_wrong',
        `${path === '' ? 'The file' : path}: ${sentenceOf(issue, own.given)}`,
        path,
      )
    }),
  }
}
