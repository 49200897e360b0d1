/**
 * Amounts as Stripe writes them: whole numbers in the currency's smallest unit. Stripe's units are ISO 4217's
 * except for the currencies below (docs.stripe.com/currencies, "Zero-decimal", "Three-decimal" and "Special
 * cases"); taking ISO's there would bill a hundredth or a hundredfold.
 */
import { Decimal, type DecimalText, toDecimalText } from '../../../domain/decimal.ts'
import { minorUnits } from '../../../domain/money.ts'

/** Decimals of Stripe's unit where they are not ISO 4217's. ISK and UGX are sent with two, which must be 00. */
const STRIPE_DECIMALS: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 }
/** The smallest step of the amount in Stripe's unit, where it is not 1. */
const STRIPE_STEP: Readonly<Record<string, number>> = {
  ISK: 100,
  UGX: 100,
  BHD: 10,
  JOD: 10,
  KWD: 10,
  OMR: 10,
  TND: 10,
}

const decimalsOf = (currency: string): number => STRIPE_DECIMALS[currency] ?? minorUnits(currency)

/**
 * The amount in Stripe's smallest unit, negative amounts included.
 * @throws RangeError, with a sentence for people, where Stripe cannot hold the amount.
 */
export const toStripeAmount = (amount: DecimalText, currency: string): number => {
  const scaled = new Decimal(amount).times(new Decimal(10).pow(decimalsOf(currency)))
  const step = STRIPE_STEP[currency] ?? 1
  if (!scaled.mod(step).isZero()) {
    const smallest = toDecimalText(new Decimal(step).div(new Decimal(10).pow(decimalsOf(currency))))
    throw new RangeError(
      `${amount} ${currency} is finer than Stripe takes: the smallest step is ${smallest} ${currency}`,
    )
  }
  const minor = scaled.toNumber()
  if (!Number.isSafeInteger(minor))
    throw new RangeError(`${amount} ${currency} is larger than Stripe can hold`)
  return minor === 0 ? 0 : minor
}

/** Stripe's whole number as an amount of the currency. */
export const fromStripeAmount = (minor: number, currency: string): DecimalText =>
  toDecimalText(new Decimal(minor).div(new Decimal(10).pow(decimalsOf(currency))))
