import type { client } from '../../api.ts'

/** A customer as the engine answers it, with contracts, months and usage. */
export type CustomerDetail = Awaited<ReturnType<typeof client.customers.get>>
