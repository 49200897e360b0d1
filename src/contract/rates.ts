import { z } from 'zod'
import { asOf, asOfAlone, base, currency, day, decimal, known, milliseconds } from './common.ts'

export const rates = {
  list: base
    .route({ method: 'GET', path: '/rates', summary: 'The tables of exchange rates, a year each' })
    .input(asOfAlone)
    .output(
      z.array(
        z.object({
          id: z.string(),
          source: z.enum(['ecb', 'entered']),
          base: currency,
          year: z.int(),
          days: z.int(),
          firstDay: day,
          lastDay: day,
          currencies: z.array(currency),
          recordedMs: milliseconds,
          author: z.string(),
        }),
      ),
    ),
  on: base
    .route({
      method: 'GET',
      path: '/rates/{from}/{to}',
      summary: 'The rate that holds on a day, and what an amount comes to by it',
    })
    .input(asOf.extend({ from: currency, to: currency, day, amount: decimal.optional() }))
    .output(
      z.object({
        /** Null where there is no rate; `sentence` says what to do. */
        quote: z
          .object({
            numerator: decimal,
            denominator: decimal,
            source: z.enum(['ecb', 'entered', 'same']),
            day,
          })
          .nullable(),
        amount: decimal.nullable(),
        sentence: z.string(),
        asOf: known,
      }),
    ),
  enter: base
    .route({
      method: 'PUT',
      path: '/rates/{from}/{to}/{day}',
      summary: 'Enter a rate; it holds until the next',
    })
    .input(
      z.object({ from: currency, to: currency, day, rate: decimal.describe('units of `to` for one `from`') }),
    )
    .output(z.object({ sentence: z.string() })),
  import: base
    .route({
      method: 'POST',
      path: '/rates/import',
      summary: 'Take a file of the European Central Bank’s reference rates, whole or not at all',
    })
    .input(
      z.object({
        fileId: z.string(),
        fromDay: day.optional().describe('earlier days are left out; 1 January two years ago without it'),
      }),
    )
    .output(
      z.object({
        days: z.int(),
        newRates: z.int(),
        changedRates: z.int(),
        sentence: z.string(),
      }),
    ),
}
