/** Looking at a book after a kill, and going on with it. */
import { mkdirSync } from 'node:fs'
import { expect } from 'vitest'
import { openCube } from '../../../src/main/cube/cube.ts'
import { acquireLock } from '../../../src/main/ledger/lock.ts'
import {
  closeLedger,
  type Ledger,
  openLedgerForReading,
  openLedgerForWriting,
  type WritingLedger,
} from '../../../src/main/ledger/open.ts'
import { listBatches, readHead } from '../../../src/main/ledger/read.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import { cubeContents, cubeControlText, ledgerFacts } from '../../support/ledger-facts.ts'
import type { Mark } from './kill.ts'
import { PROGRAM, reached, type Script } from './script.ts'

const reading = async <T>(directory: string, look: (ledger: Ledger) => T | Promise<T>): Promise<T> => {
  const ledger = openLedgerForReading(directory)
  try {
    return await look(ledger)
  } finally {
    closeLedger(ledger)
  }
}

/** Holds the book meanwhile, taking over the lock of whoever was killed. */
export const writing = async <T>(
  directory: string,
  work: (ledger: WritingLedger) => Promise<T>,
): Promise<T> => {
  mkdirSync(directory, { recursive: true })
  const lock = acquireLock(directory, { pid: process.pid })
  try {
    const ledger = openLedgerForWriting(directory, { program: PROGRAM, create: true })
    try {
      return await work(ledger)
    } finally {
      closeLedger(ledger)
    }
  } finally {
    lock.release()
  }
}

/** Brings a script so far that `until` of its steps are done. */
export const runSteps = (directory: string, files: string, { steps }: Script, until: number): Promise<void> =>
  writing(directory, async (ledger) => {
    while (reached(ledger) < until) await steps[reached(ledger)]?.(ledger, files)
  })

/** What the ledger says of itself once it has verified. */
export const factsOf = (directory: string) =>
  reading(directory, async (ledger) => {
    expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
    return ledgerFacts(ledger)
  })

/** What the book's cube holds once it has followed; its sums must be the ledger's. */
export const cubeOf = async (directory: string) => {
  const cube = await openCube(directory)
  try {
    await cube.follow()
    const { control } = await reading(directory, ledgerFacts)
    expect(await cubeControlText(cube)).toBe(control)
    return await cubeContents(cube)
  } finally {
    await cube.close()
  }
}

/** Hashes of batches by number, as a book has them that was never killed. */
export type Chain = ReadonlyMap<number, string>

export const chainOf = (directory: string): Promise<Chain> =>
  reading(directory, (ledger) => new Map(listBatches(ledger).map(({ batchId, hash }) => [batchId, hash])))

/**
 * A killed book verifies as it lies there, stands at the end of some batch of the clean chain, and has every batch
 * that was acknowledged. Returns the last batch.
 */
export const checkChain = (
  directory: string,
  chain: Chain,
  marks: readonly Mark[],
  firstBatch: number,
): Promise<number> =>
  reading(directory, async (ledger) => {
    const acknowledged = marks
      .filter(({ word }) => word === 'committed')
      .map(({ rest: [batchId] }) => Number(batchId))
    expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
    const { batchId, hash } = readHead(ledger) ?? { batchId: 0, hash: '' }
    expect(batchId).toBeGreaterThanOrEqual(Math.max(firstBatch, ...acknowledged))
    expect(hash).toBe(chain.get(batchId))
    return batchId
  })
