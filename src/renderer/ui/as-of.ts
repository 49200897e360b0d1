import { useNavigate, useSearch } from '@tanstack/react-router'
import { asOfIn } from '../as-of.ts'

/** The moment the book is looked at as of (`asOf` in the URL); null means now. Reports are asked as of it anyhow. */
export const useAsOf = (): string | null => asOfIn(useSearch({ strict: false }))

/** Looks at the book as of a batch or a moment, or at now (null), and stays on the screen. */
export const useLookAsOf = () => {
  const navigate = useNavigate()
  return (asOf: string | number | null) =>
    void navigate({
      to: '.',
      search: ({ asOf: _left, ...previous }: Record<string, unknown>) =>
        asOf === null ? previous : { ...previous, asOf },
    } as never)
}
