/** How a slice is written on the command line: months, fields and filters. */
import { InvalidArgumentError } from 'commander'
import type { z } from 'zod'
import type { Month } from '../../domain/period.ts'
import type { Client } from './connect.ts'
import { Refusal, WrongUse } from './failure.ts'

export interface Filter {
  readonly field: string
  readonly values: (string | null)[]
}

const check = (schema: z.ZodType<string>, field: string): string => {
  const read = schema.safeParse(field)
  if (!read.success) throw new InvalidArgumentError(`There is no field "${field}".`)
  return read.data
}

/** `tenant,dimension:region`. Two fields at most. */
export const parseFields =
  (schema: z.ZodType<string>) =>
  (text: string): string[] => {
    const fields = text.split(',').map((field) => check(schema, field.trim()))
    if (fields.length > 2) throw new InvalidArgumentError('Two fields at most.')
    return fields
  }

/** `field=value`; nothing after the sign means records without one. The same field again widens its filter. */
export const parseFilter =
  (schema: z.ZodType<string>) =>
  (text: string, before: readonly Filter[] | undefined): Filter[] => {
    const at = text.indexOf('=')
    if (at < 1) throw new InvalidArgumentError('Expected field=value.')
    const field = check(schema, text.slice(0, at))
    const value = text.slice(at + 1) || null
    const same = before?.find((each) => each.field === field)
    const others = (before ?? []).filter((each) => each !== same)
    return [...others, { field, values: [...(same?.values ?? []), value] }]
  }

/**
 * The months meant, both included: the given ones, else the latest that has data.
 * @throws Refusal in a book without data, where no month is named
 */
export const spanOf = async (
  client: Client,
  { month, from, to }: { readonly month?: Month; readonly from?: Month; readonly to?: Month },
  asOf: { readonly asOf?: string } = {},
): Promise<{ from: Month; to: Month }> => {
  const first = month ?? from ?? to
  if (first !== undefined) {
    const span = { from: month ?? from ?? first, to: month ?? to ?? first }
    if (span.to < span.from) throw new WrongUse(`--from ${span.from} is after --to ${span.to}.`)
    return span
  }
  const { currentMonth } = await client.book.status(asOf)
  if (currentMonth === null)
    throw new Refusal(
      'book_has_no_data',
      'The book has no usage and no cost yet, so there is no month to show. Import files first.',
    )
  return { from: currentMonth, to: currentMonth }
}
