import { describe, expect, it } from 'vitest'
import type { DecimalText } from '../../../../src/domain/decimal.ts'
import { fromStripeAmount, toStripeAmount } from '../../../../src/main/bill/stripe/amount.ts'

describe("amounts in Stripe's units (docs.stripe.com/currencies)", () => {
  const ROWS = [
    ['12.34', 'USD', 1234],
    ['-12.3', 'EUR', -1230],
    ['0', 'USD', 0],
    ['500', 'JPY', 500],
    ['5', 'ISK', 500],
    ['5', 'UGX', 500],
    ['5', 'MGA', 5],
    ['5.12', 'KWD', 5120],
    ['10.45', 'HUF', 1045],
    ['90071992547409.91', 'USD', 9007199254740991],
  ] as const
  it.each(ROWS)('%s %s is %i', (amount, currency, minor) => {
    expect(toStripeAmount(amount as DecimalText, currency)).toBe(minor)
    expect(fromStripeAmount(minor, currency)).toBe(amount)
  })

  const REFUSED = [
    ['0.5', 'JPY', '0.5 JPY is finer than Stripe takes: the smallest step is 1 JPY'],
    ['0.5', 'ISK', '0.5 ISK is finer than Stripe takes: the smallest step is 1 ISK'],
    ['0.2', 'MGA', '0.2 MGA is finer than Stripe takes: the smallest step is 1 MGA'],
    ['5.124', 'KWD', '5.124 KWD is finer than Stripe takes: the smallest step is 0.01 KWD'],
    ['90071992547409.92', 'USD', '90071992547409.92 USD is larger than Stripe can hold'],
  ] as const
  it.each(REFUSED)('%s %s is refused', (amount, currency, message) => {
    expect(() => toStripeAmount(amount as DecimalText, currency)).toThrow(new RangeError(message))
  })
})
