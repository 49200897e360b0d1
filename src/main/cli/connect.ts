/** The way to a book: through the process that holds it, else with an engine of our own for as long as the command runs. */
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import { createRouterClient } from '@orpc/server'
import type { Contract } from '../../contract/contract.ts'
import { startEngine } from '../engine/engine.ts'
import { describeLock } from '../engine/holder.ts'
import { holdsBook } from './book-folder.ts'
import { Refusal } from './failure.ts'

export type Client = ContractRouterClient<Contract>

export interface Connection {
  readonly client: Client
  close(): Promise<void>
}

/** A client of the contract over loopback HTTP; the lock's token grants what a local caller may. */
const clientOf = (address: string, token: string): Client =>
  createORPCClient(new RPCLink({ url: `${address}/rpc`, headers: { authorization: `Bearer ${token}` } }))

/**
 * Connects to the book in the folder. `mayBeMade`: the command makes the book, so the folder may hold none yet.
 *
 * @throws Refusal where there is no book, or its holder cannot be reached
 * @throws LedgerRefusal where the book cannot be opened
 */
export const connect = async (
  directory: string,
  {
    environment,
    mayBeMade = false,
    readOnly = false,
  }: { environment: NodeJS.ProcessEnv; mayBeMade?: boolean; readOnly?: boolean },
): Promise<Connection> => {
  const holder = describeLock(directory)
  if (holder !== null) {
    if (readOnly)
      throw new Refusal(
        'book_is_held_by_another_process',
        `The book in ${directory} is open in process ${holder.pid}${holder.address === null ? '' : ` at ${holder.address}`}, ` +
          'which may write it. Leave out --read-only to go through that process, or close it there.',
      )
    if (holder.address === null || holder.token === null)
      throw new Refusal(
        'book_is_held_by_another_process',
        `The book in ${directory} is open in process ${holder.pid}, which takes no commands. ` +
          'Wait until it is done or close it, then try again.',
      )
    return { client: clientOf(holder.address, holder.token), close: async () => {} }
  }
  if (!mayBeMade && !holdsBook(directory))
    throw new Refusal(
      'book_does_not_exist',
      `There is no book in ${directory}. Make one there with "init", or name its folder with --book.`,
    )
  const engine = await startEngine({ directory, environment, readOnly })
  return {
    client: createRouterClient(engine.router, { context: { local: true } }),
    close: () => engine.close(),
  }
}
