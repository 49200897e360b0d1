/** A field that holds an instant, or nothing. */
import { z } from 'zod'
import { parseRfc3339 } from '../files/time.ts'

export const INSTANT_WANTED = 'a time with its zone, like 2026-11-01T00:00:00Z'

/** Milliseconds; null where it was left empty. */
export const since = z
  .string()
  .trim()
  .default('')
  .transform((text, context) => {
    if (text === '') return null
    const ms = parseRfc3339(text)
    if (ms !== null) return ms
    context.addIssue({ code: 'custom', message: INSTANT_WANTED })
    return z.NEVER
  })
