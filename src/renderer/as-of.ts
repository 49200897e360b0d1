/**
 * The moment the book is looked at as of. It stands in the address (`asOf`) and is added to every report here, in
 * one place, so that no screen can forget it; what would change the book while the past is looked at is refused.
 */
import type { ClientContext, ClientLink } from '@orpc/client'
import { z } from 'zod'
import { contract } from '../contract/contract.ts'

/** What the address holds, as the contract takes it; null means now. */
export const asOfIn = (search: unknown): string | null => {
  const { asOf } = (search ?? {}) as { asOf?: unknown }
  if (typeof asOf === 'number') return String(asOf)
  return typeof asOf === 'string' && asOf !== '' ? asOf : null
}

/** `asOf` as it goes from screen to screen. */
export const carriedSearch = (previous: Record<string, unknown>): Record<string, unknown> => ({
  ...(previous.month === undefined ? {} : { month: previous.month }),
  ...(asOfIn(previous) === null ? {} : { asOf: previous.asOf }),
})

let current: string | null = null

/**
 * The moment that calls are made as of from here on; says whether it is another than before. Whoever changes it
 * empties what was answered.
 */
export const lookAsOf = (asOf: string | null): boolean => {
  const isAnother = current !== asOf
  current = asOf
  return isAnother
}

/** `report` answers as of any moment, `reading` has no other than now, `change` does something to the book of now. */
type Kind = 'report' | 'reading' | 'change'

/** Changes nothing in the book. */
const HARMLESS: ReadonlySet<string> = new Set(['jobs.cancel'])
/** Only read, but of what would be done now: beside figures of then it would mislead. */
const OF_NOW: ReadonlySet<string> = new Set(['invoices.deliveryPreview'])

const takesAsOf = (schema: unknown): boolean =>
  schema instanceof z.ZodDefault
    ? takesAsOf(schema.unwrap())
    : schema instanceof z.ZodObject && 'asOf' in schema.shape

export const kindOf = (path: readonly string[]): Kind => {
  const [area = '', name = ''] = path
  const procedures = (contract as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[area]
  const procedure = procedures?.[name] as
    | { readonly '~orpc': { readonly inputSchema?: unknown; readonly route: { readonly method?: string } } }
    | undefined
  if (procedure === undefined) return 'change'
  const { inputSchema, route } = procedure['~orpc']
  if (takesAsOf(inputSchema)) return 'report'
  const called = `${area}.${name}`
  return HARMLESS.has(called) || (route.method === 'GET' && !OF_NOW.has(called)) ? 'reading' : 'change'
}

export const REFUSED_WHILE_PAST =
  'You look at the book as of a past moment, and this is done to the book as it is now. Nothing was done; go back to now first.'

/** Calls as of the moment looked at. A report that names its own moment keeps it. */
export const linkAsOf = (
  link: ClientLink<ClientContext>,
  asOf: () => string | null = () => current,
): ClientLink<ClientContext> => ({
  call: async (path, input, options) => {
    const moment = asOf()
    if (moment === null) return link.call(path, input, options)
    const kind = kindOf(path)
    if (kind === 'change') throw new Error(REFUSED_WHILE_PAST)
    return link.call(
      path,
      kind === 'report' ? { asOf: moment, ...(input as object | undefined) } : input,
      options,
    )
  },
})
