/** Files that say kinds of charge and any value in other products' words, with ours: before their schema reads them. */
import type { Issue } from '../issue.ts'
import { kindNamed } from './synonyms.ts'

export interface OwnWords {
  /** As it was given, but for the kinds; not yet checked. */
  readonly given: unknown
  /** What was read as what, with its place. */
  readonly notes: readonly string[]
  /** Words that mean several things. */
  readonly issues: readonly Issue[]
}

interface Found {
  readonly notes: string[]
  readonly issues: Issue[]
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `charges[2].price`. */
const at = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

/** A charge whose kind another product's word names, with our word for it; or why that word cannot be taken. */
const withOwnKind = (charge: unknown, path: string, found: Found): unknown => {
  if (!isObject(charge) || typeof charge.kind !== 'string') return charge
  const named = kindNamed(charge.kind)
  if (named === null || (named.meanings.length === 1 && named.meanings[0]?.kind === charge.kind))
    return charge
  const [only] = named.meanings
  if (only === undefined || named.meanings.length > 1) {
    found.issues.push({
      severity: 'error',
      code: 'kind_is_ambiguous',
      message: `${at(path, 'kind')}: ${named.sentence}`,
      column: at(path, 'kind'),
    })
    return charge
  }
  if (named.sentence !== '') found.notes.push(`${at(path, 'kind')}: ${named.sentence}`)
  return { ...charge, kind: only.kind }
}

const ownPrice = (value: unknown, path: string, found: Found): unknown =>
  isObject(value) && isObject(value.price)
    ? { ...value, price: withOwnKind(value.price, at(path, 'price'), found) }
    : value

/** A cell that says `*` for any value, as others write it, with `null` for it. */
const ownCell = (cell: unknown, path: string, found: Found): unknown => {
  if (!isObject(cell) || !Array.isArray(cell.values) || !cell.values.includes('*')) return cell
  const values = cell.values.map((value: unknown) => (value === '*' ? null : value))
  found.notes.push(`${at(path, 'values')}: “*” is read as null, which takes every value.`)
  return { ...cell, values }
}

/** The charge and the prices inside it: of a formula or a level, of cells, of bands and the rest of the day. */
const withOwnKinds = (charge: unknown, path: string, found: Found): unknown => {
  const own = ownPrice(withOwnKind(charge, path, found), path, found)
  if (!isObject(own)) return own
  const lists = Object.fromEntries(
    ['cells', 'bands'].flatMap((key) => {
      const list = own[key]
      if (!Array.isArray(list)) return []
      const read = list.map((each: unknown, index) => {
        const place = `${at(path, key)}[${index}]`
        return ownPrice(ownCell(each, place, found), place, found)
      })
      return [[key, read]]
    }),
  )
  const otherwise = isObject(own.otherwise)
    ? { otherwise: withOwnKind(own.otherwise, at(path, 'otherwise'), found) }
    : {}
  return { ...own, ...lists, ...otherwise }
}

const withOwnList = (charges: unknown, path: string, found: Found): unknown =>
  Array.isArray(charges)
    ? charges.map((charge: unknown, index) => withOwnKinds(charge, `${path}[${index}]`, found))
    : charges

/** A charge's file. */
export const chargeInOwnWords = (charge: unknown): OwnWords => {
  const found: Found = { notes: [], issues: [] }
  return { given: withOwnKinds(charge, '', found), ...found }
}

/** A rate card's file: its charges, in every currency; a contract's own charges too. */
export const inOwnWords = (file: unknown): OwnWords => {
  const found: Found = { notes: [], issues: [] }
  if (!isObject(file)) return { given: file, ...found }
  const { charges, otherCurrencies } = file
  const others = isObject(otherCurrencies)
    ? Object.fromEntries(
        Object.entries(otherCurrencies).map(([currency, own]) => [
          currency,
          withOwnList(own, `otherCurrencies.${currency}`, found),
        ]),
      )
    : null
  const given = {
    ...file,
    ...(charges === undefined ? {} : { charges: withOwnList(charges, 'charges', found) }),
    ...(others === null ? {} : { otherCurrencies: others }),
  }
  return { given, ...found }
}
