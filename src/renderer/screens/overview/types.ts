import type { z } from 'zod'
import type { overview } from '../../../contract/cost.ts'

export type Overview = z.output<typeof overview>
