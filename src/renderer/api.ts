/** The contract as the screens call it: `client` for single calls, `api` for queries and mutations. */
import { createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { createTanstackQueryUtils } from '@orpc/tanstack-query'
import { QueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import type { Contract } from '../contract/contract.ts'
import { linkAsOf } from './as-of.ts'
import { createHost } from './host/host.ts'

export const host = await createHost()
export const client: ContractRouterClient<Contract> = createORPCClient(linkAsOf(host.link))
/** For what is asked of now even while the past is looked at. */
export const clientOfNow: ContractRouterClient<Contract> = createORPCClient(host.link)
export const api = createTanstackQueryUtils(client)

export const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: 5_000, retry: false, refetchOnWindowFocus: false } },
})

/** After anything was appended every figure may have changed. */
export const refreshAll = () => queryClient.invalidateQueries()

/** What the contract refuses before a handler sees it: which member, and what it must be. */
const inputIssues = z.object({
  data: z.object({
    issues: z
      .array(z.object({ path: z.array(z.union([z.string(), z.number()])), message: z.string() }))
      .min(1),
  }),
})

/** `discountPercent` as `Discount percent`; a place in a list is counted from 1. */
const memberInWords = (path: readonly (string | number)[]): string => {
  const words = path
    .map((part) =>
      typeof part === 'number'
        ? String(part + 1)
        : part.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    )
    .join(' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

/** What browsers say where nobody listens at the address any more. */
const UNREACHED = /^(Failed to fetch|Load failed|NetworkError)/

/** The sentence of a refusal or failure, for people. */
export const sentenceOf = (error: unknown): string => {
  const refused = inputIssues.safeParse(error)
  if (refused.success)
    return refused.data.data.issues
      .map(({ path, message }) => `${path.length === 0 ? '' : `${memberInWords(path)}: `}${message}.`)
      .join(' ')
  if (error instanceof TypeError && UNREACHED.test(error.message))
    return 'Countinghouse does not answer. If it was ended, start it again and open the address it prints; what was saved is kept.'
  if (error instanceof Error && 'code' in error && error.code === 'UNAUTHORIZED')
    return 'Countinghouse was started again since this page was opened. Open the address it printed; what was saved is kept.'
  return error instanceof Error && error.message !== ''
    ? error.message
    : 'Something failed without saying why.'
}

/** Sends a file to the engine in chunks and returns its id; `onProgress` hears the share sent, 0 to 1. */
export const sendFile = async (file: File, onProgress?: (share: number) => void, signal?: AbortSignal) => {
  const chunkBytes = 4 * 1024 * 1024
  const { fileId } = await client.files.begin({ name: file.name, size: file.size })
  for (let offset = 0; offset < file.size; offset += chunkBytes) {
    signal?.throwIfAborted()
    await client.files.append({ fileId, offset, chunk: file.slice(offset, offset + chunkBytes) })
    onProgress?.(Math.min(1, (offset + chunkBytes) / file.size))
  }
  return fileId
}
