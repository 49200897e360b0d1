/** A rate card as the JSON file of docs/formats/ratecard.md: out as it is, and in with every fault named. */
import type { z } from 'zod'
import { rateCardFile } from '../../../contract/rate-cards.ts'
import type { Issue } from '../../../domain/issue.ts'
import { kindNamed } from '../../../domain/pricing/synonyms.ts'
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

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `charges[2].tiers[0].upTo`. */
const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${String(part)}`))
    .join('')

/** A charge whose kind another product's word names, with our word for it; or why that word cannot be taken. */
const withOwnKind = (charge: unknown, path: string, found: Found): unknown => {
  if (!isObject(charge) || typeof charge.kind !== 'string') return charge
  const named = kindNamed(charge.kind)
  if (named === null || (named.meanings.length === 1 && named.meanings[0]?.kind === charge.kind))
    return charge
  const [only] = named.meanings
  if (only === undefined || named.meanings.length > 1) {
    found.issues.push(faulty('kind_is_ambiguous', `${path}.kind: ${named.sentence}`, `${path}.kind`))
    return charge
  }
  found.notes.push(`${path}.kind: ${named.sentence}`)
  return { ...charge, kind: only.kind }
}

type Found = { readonly notes: string[]; readonly issues: Issue[] }

const ownPrice = (value: unknown, path: string, found: Found): unknown =>
  isObject(value) && isObject(value.price)
    ? { ...value, price: withOwnKind(value.price, `${path}.price`, found) }
    : value

/** The charge and the prices inside it: of a formula or a level, of cells, of bands and the rest of the day. */
const withOwnKinds = (charge: unknown, path: string, found: Found): unknown => {
  const own = ownPrice(withOwnKind(charge, path, found), path, found)
  if (!isObject(own)) return own
  const lists = Object.fromEntries(
    ['cells', 'bands'].flatMap((key) => {
      const list = own[key]
      if (!Array.isArray(list)) return []
      return [[key, list.map((each, index) => ownPrice(each, `${path}.${key}[${index}]`, found))]]
    }),
  )
  const otherwise = isObject(own.otherwise)
    ? { otherwise: withOwnKind(own.otherwise, `${path}.otherwise`, found) }
    : {}
  return { ...own, ...lists, ...otherwise }
}

const withOwnList = (charges: unknown, path: string, found: Found): unknown =>
  Array.isArray(charges)
    ? charges.map((charge: unknown, index) => withOwnKinds(charge, `${path}[${index}]`, found))
    : charges

const sentenceOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_type' && issue.expected === 'string'
    ? 'a text is expected here; prices and quantities are written in quotes, "0.40", because a JSON number loses digits.'
    : `${issue.message}.`

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
  const found = { notes: [] as string[], issues: [] as Issue[] }
  const own = isObject(given)
    ? {
        ...given,
        ...('charges' in given ? { charges: withOwnList(given.charges, 'charges', found) } : {}),
        ...(isObject(given.otherCurrencies)
          ? {
              otherCurrencies: Object.fromEntries(
                Object.entries(given.otherCurrencies).map(([currency, charges]) => [
                  currency,
                  withOwnList(charges, `otherCurrencies.${currency}`, found),
                ]),
              ),
            }
          : {}),
      }
    : given
  if (found.issues.length > 0) return { issues: found.issues }
  const read = rateCardFile.safeParse(own)
  if (read.success) return { terms: read.data, notes: found.notes }
  return {
    issues: read.error.issues.map((issue) => {
      const path = pathText(issue.path)
      return faulty('field_is_wrong', `${path === '' ? 'The file' : path}: ${sentenceOf(issue)}`, path)
    }),
  }
}
