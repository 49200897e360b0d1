import { createContext, useContext } from 'react'
import type { CostScope, UsageScope } from '../../contract/invoices.ts'

/** What the Explain drawer can be asked about. */
export type ExplainTarget =
  | { readonly kind: 'line'; readonly invoiceId: string; readonly line: number }
  | { readonly kind: 'usage'; readonly scope: UsageScope }
  | { readonly kind: 'cost'; readonly scope: CostScope }
  | { readonly kind: 'record'; readonly seq: number }

export const ExplainContext = createContext<(target: ExplainTarget) => void>(() => {})

/** Opens the Explain drawer. */
export const useExplain = () => useContext(ExplainContext)
