import type { client } from '../../api.ts'

/** A deal as the engine answers it, with its version and history. */
export type LoadedDeal = Awaited<ReturnType<typeof client.deals.get>>
