import type { z } from 'zod'
import type { costReport, marginReport, waterfall } from '../../../contract/cost.ts'

export type Margin = z.output<typeof marginReport>
export type MarginRow = Margin['rows'][number]
export type CostReport = z.output<typeof costReport>
export type Waterfall = z.output<typeof waterfall>
export type WaterfallStep = Waterfall['steps'][number]
