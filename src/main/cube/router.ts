/** The cube as a router of procedures, for the engine in another thread. */
import type { DuckDBConnection } from '@duckdb/node-api'
import { os, type Schema } from '@orpc/server'
import type { Cube } from './cube.ts'
import type { FollowProgress, FollowResult } from './follow.ts'
import { daysArrived, lateEntries, sourcesSeen } from './queries/arrivals.ts'
import { costRecords, costSlice } from './queries/cost.ts'
import { usageCuts } from './queries/cuts.ts'
import { explainUsage, usageRecords } from './queries/explain.ts'
import type { AsOf } from './queries/fields.ts'
import { rollUpsDiffering } from './queries/rolled.ts'
import { controlTotals, costTagKeys, monthsSeen, tenantsSeen } from './queries/seen.ts'
import { bills, costByCustomer, costSets, costTotals, unattributedContributors } from './queries/totals.ts'
import { claimsOnTrial, poolsOnTrial, proposalsOnTrial } from './queries/trial.ts'
import {
  metricsSeen,
  usageAfter,
  usageDimensions,
  usageQuantities,
  usageSlice,
  usageTable,
} from './queries/usage.ts'

/** Progress of a rebuild; the last event carries the result. */
export type RebuildEvent = (FollowProgress & { readonly result: null }) | { readonly result: FollowResult }

/** A schema that only types: both sides of the port are this program, and the contract has validated the input. */
const typed = <Params>(): Schema<Params, Params> => ({
  '~standard': { version: 1, vendor: 'countinghouse', validate: (value) => ({ value: value as Params }) },
})

export const cubeRouter = (cube: Cube) => {
  /**
   * Every query can be cancelled: DuckDB is interrupted when the caller's signal aborts. As of a batch it counts the
   * entries up to it, by the customers, metrics and rules of then.
   */
  const query = <Params extends AsOf, Result>(
    run: (connection: DuckDBConnection, params: Params) => Promise<Result>,
  ) =>
    os
      .input(typed<Params>())
      .handler(({ input, signal }) =>
        cube.read((connection) => run(connection, input), signal, input.asOfBatch),
      )

  return {
    status: os.handler(() => cube.status()),
    follow: os.handler(() => cube.follow()),
    /** Yields progress until the cube is built again; leaving the loop early stops it. */
    rebuild: os.handler(async function* ({ signal }): AsyncGenerator<RebuildEvent, void> {
      let latest: FollowProgress | null = null
      let wake = () => {}
      let ended = false
      const left = new AbortController()
      const rebuilding = cube
        .rebuild({
          onProgress: (progress) => {
            latest = progress
            wake()
          },
          signal: signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]),
        })
        .finally(() => {
          ended = true
          wake()
        })
      // Kept until it is awaited below, where its error is thrown.
      rebuilding.catch(() => undefined)
      try {
        while (!ended) {
          const news = latest
          latest = null
          if (news !== null) yield { ...(news as FollowProgress), result: null }
          else
            await new Promise<void>((resolve) => {
              wake = resolve
            })
        }
        yield { result: await rebuilding }
      } finally {
        left.abort()
      }
    }),

    usageSlice: query(usageSlice),
    usageTable: query(usageTable),
    usageQuantities: query(usageQuantities),
    usageCuts: query(usageCuts),
    usageAfter: query(usageAfter),
    usageDimensions: query(usageDimensions),
    metricsSeen: query(metricsSeen),
    tenantsSeen: query(tenantsSeen),
    explainUsage: query(explainUsage),
    usageRecords: query(usageRecords),
    costSlice: query(costSlice),
    costRecords: query(costRecords),
    costTotals: query(costTotals),
    costByCustomer: query(costByCustomer),
    unattributedContributors: query(unattributedContributors),
    bills: query(bills),
    costSets: query(costSets),
    poolsOnTrial: query(poolsOnTrial),
    claimsOnTrial: query(claimsOnTrial),
    proposalsOnTrial: query(proposalsOnTrial),
    costTagKeys: query(costTagKeys),
    controlTotals: query(controlTotals),
    rollUpsDiffering: os.handler(({ signal }) => cube.read(rollUpsDiffering, signal)),
    monthsSeen: query(monthsSeen),
    sourcesSeen: query(sourcesSeen),
    daysArrived: query(daysArrived),
    lateEntries: query(lateEntries),
  }
}
export type CubeRouter = ReturnType<typeof cubeRouter>
