/** What is typed to try a card with, and what its charges come to on it. */
import { useMemo, useState } from 'react'
import type { DecimalText } from '../../../domain/decimal.ts'
import { parseDecimal } from '../../../domain/decimal.ts'
import type { Metric } from '../../../domain/metric.ts'
import type { Month } from '../../../domain/period.ts'
import type { RatedCharge } from '../../../domain/pricing/rate.ts'
import type { Charge, RatingSettings } from '../../../domain/pricing/ratecard.ts'
import { useBook } from '../../ui/book.tsx'
import type { Quantities } from './from-customer.tsx'
import { type TrialContext, type Typed, tryCharges } from './trial.ts'

export interface Trial {
  /** Those without a fault, in the card's order; each with what it comes to in `rated`. */
  readonly charges: readonly Charge[]
  readonly rated: readonly RatedCharge[]
  readonly context: TrialContext
  /** As typed, by the key of the input. */
  readonly texts: Quantities
  readonly typed: Typed
  readonly type: (key: string, text: string) => void
  readonly use: (quantities: Quantities) => void
}

/** The quantities among what was typed. */
export const typedOf = (texts: Quantities): Typed =>
  new Map(
    Object.entries(texts).flatMap(([key, text]) => {
      const number: DecimalText | null = parseDecimal(text)
      return number === null ? [] : [[key, number] as const]
    }),
  )

export const useTrial = (terms: {
  readonly charges: readonly Charge[]
  readonly metrics: readonly Metric[]
  readonly currency: string
  readonly settings: RatingSettings
}): Trial => {
  const { charges, metrics, currency, settings } = terms
  const book = useBook()
  const [texts, setTexts] = useState<Quantities>({})
  const context = useMemo(
    (): TrialContext => ({
      metrics,
      currency,
      settings,
      timeZone: book.settings.timeZone,
      month: book.currentMonth ?? (new Date().toISOString().slice(0, 7) as Month),
    }),
    [metrics, currency, settings, book.settings.timeZone, book.currentMonth],
  )
  const typed = useMemo(() => typedOf(texts), [texts])
  const rated = tryCharges(charges, typed, context)
  return {
    charges,
    rated,
    context,
    texts,
    typed,
    type: (key, text) => setTexts((all) => ({ ...all, [key]: text })),
    use: setTexts,
  }
}
