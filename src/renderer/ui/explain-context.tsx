import { createContext, useContext } from 'react'
import type { CostBasis } from '../../contract/cost.ts'
import type { CostScope, UsageScope } from '../../contract/explain.ts'
import type { DecimalText } from '../../domain/decimal.ts'
import type { SettlementLine } from '../../domain/invoice/invoice.ts'
import type { Month } from '../../domain/period.ts'

/** What the Explain drawer can be asked about. */
export type ExplainTarget =
  | { readonly kind: 'line'; readonly invoiceId: string; readonly line: number }
  /** A line of what turns an invoice's net into what is due: tax, credit, top-up. */
  | {
      readonly kind: 'settlement'
      readonly title: string
      readonly currency: string
      readonly line: SettlementLine
    }
  | { readonly kind: 'usage'; readonly scope: UsageScope }
  /** By the basis of the figure that opened it; the book's own without it. */
  | { readonly kind: 'cost'; readonly scope: CostScope; readonly basis?: CostBasis }
  | { readonly kind: 'record'; readonly seq: number }
  /** A month's revenue, of one customer where one is named. */
  | { readonly kind: 'revenue'; readonly month: Month; readonly customerId?: string }
  /** What a month's steps allocated: all of it, one step's, or what one customer or tenant was given. */
  | {
      readonly kind: 'allocation'
      readonly month: Month
      readonly basis: CostBasis
      readonly stepId?: string
      readonly recipient?: {
        readonly customerId: string | null
        readonly tenant: string | null
        readonly name: string
      }
    }
  /** A figure that is made of others: each part opens what it is made of. */
  | {
      readonly kind: 'sum'
      readonly title: string
      readonly currency: string
      readonly total: DecimalText
      readonly parts: readonly {
        readonly label: string
        /** With its sign: the parts add up to the total. */
        readonly amount: DecimalText
        readonly target: ExplainTarget | null
      }[]
    }

export const ExplainContext = createContext<(target: ExplainTarget) => void>(() => {})

/** Opens the Explain drawer. */
export const useExplain = () => useContext(ExplainContext)
