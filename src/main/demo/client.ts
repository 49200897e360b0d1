/** The demo book is made as a user would make it: through the contract, and files through the import. */
import type { ContractRouterClient } from '@orpc/contract'
import type { ImportResult, Job } from '../../contract/book.ts'
import type { Contract } from '../../contract/contract.ts'

export type Client = ContractRouterClient<Contract>

/** @throws Error where the job did not come to a result: nobody asked for what it refuses. */
const resultOf = async (client: Client, jobId: string): Promise<NonNullable<Job['result']>> => {
  let last: Job | null = null
  for await (const job of await client.jobs.watch({ jobId })) last = job
  if (last === null || last.result === null)
    throw new Error(`The demo book: ${last?.title ?? 'a job'}: ${last?.error?.message ?? 'cancelled'}`)
  return last.result
}

/** Imports the file at the path. */
export const importFile = async (client: Client, path: string, source: string): Promise<ImportResult> => {
  const { fileId } = await client.files.openPath({ path })
  const { jobId } = await client.imports.start({ fileId, options: { source } })
  const result = await resultOf(client, jobId)
  if (result.kind !== 'import') throw new Error(`an import ended as ${result.kind}`)
  return result.import
}

export const runInvoices = async (
  client: Client,
  month: Parameters<Client['invoices']['run']>[0]['month'],
) => {
  const { jobId } = await client.invoices.run({ month })
  await resultOf(client, jobId)
}

export const approveInvoices = async (
  client: Client,
  month: Parameters<Client['invoices']['run']>[0]['month'],
): Promise<void> => {
  const { rows } = await client.invoices.list({ month })
  const drafts = rows.filter(({ state }) => state === 'draft')
  if (drafts.length === 0) return
  const { refused } = await client.invoices.approve({
    invoices: drafts.map(({ id, version }) => ({ invoiceId: id, expectedVersion: version })),
  })
  if (refused[0] !== undefined) throw new Error(`The demo book: ${refused[0].message}`)
}
