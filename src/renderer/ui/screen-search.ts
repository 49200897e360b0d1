import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import type { z } from 'zod'

/**
 * The screen's state in the URL. Every member of the schema needs a default or must be optional; what the URL
 * holds and the schema refuses falls back to the defaults, so a mangled link still opens.
 */
export function useScreenSearch<Schema extends z.ZodObject>(
  schema: Schema,
): [
  z.output<Schema>,
  (change: { [Key in keyof z.output<Schema>]?: z.output<Schema>[Key] | undefined }) => void,
] {
  const raw = useSearch({ strict: false }) as Record<string, unknown>
  const search = useMemo(() => {
    const whole = schema.safeParse(raw)
    if (whole.success) return whole.data
    const kept: Record<string, unknown> = {}
    for (const [key, member] of Object.entries(schema.shape)) {
      const parsed = (member as z.ZodType).safeParse(raw[key])
      if (parsed.success) kept[key] = parsed.data
    }
    return schema.parse(kept)
  }, [raw, schema])
  const navigate = useNavigate()
  const change = useCallback(
    (changes: Record<string, unknown>) => {
      void navigate({
        to: '.',
        search: (previous: Record<string, unknown>) => {
          const next = { ...previous, ...changes }
          for (const key of Object.keys(next)) if (next[key] === undefined) delete next[key]
          return next
        },
        replace: true,
      } as never)
    },
    [navigate],
  )
  return [search, change]
}
