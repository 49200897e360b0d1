/** The customers, metrics and rules of then beside those of now: many at once, some given up, none taken for another. */
import { expect, test } from 'vitest'
import type { Cube } from '../../../src/main/cube/cube.ts'
import { openCube } from '../../../src/main/cube/cube.ts'
import { costByCustomer } from '../../../src/main/cube/queries/totals.ts'
import { usageSlice } from '../../../src/main/cube/queries/usage.ts'
import { at, bookIn, makeBook } from './book.ts'

const BATCHES = 9
const startMs = at('2026-10-05')

/**
 * Batch `n` adds n to the usage and 1 to the cost of one tenant, which belongs to customer `c<n>` from then on; the
 * rules give its cost to `cost-<n>`; the metric is a sum after odd batches and a maximum after even ones.
 */
const makeMoving = () => {
  const book = makeBook()
  for (let n = 1; n <= BATCHES; n++)
    book.add({
      documents: [
        ...(n === 1 ? [bookIn('UTC')] : []),
        { kind: 'customer', id: 'only', content: { tenants: [`cost-${n}`] } },
        { kind: 'customer', id: `c${n}`, content: { tenants: ['acme'] } },
        ...(n === 1 ? [] : [{ kind: 'customer', id: `c${n - 1}`, content: { tenants: [] } }]),
        {
          kind: 'metric',
          id: 'calls',
          content: {
            metric: 'calls',
            name: 'calls',
            unit: 'call',
            aggregation: n % 2 === 1 ? 'sum' : 'max',
            scale: 0,
          },
        },
        {
          kind: 'rules',
          id: 'rules',
          content: {
            rules: [
              {
                id: `r${n}`,
                name: `r${n}`,
                conditions: [{ field: 'service', operator: 'equals', value: 'EC2' }],
                target: { kind: 'tenant', tenant: `cost-${n}` },
              },
            ],
          },
        },
      ],
      usage: [{ tenant: 'acme', metric: 'calls', scale: 0, quantity: BigInt(n), startMs }],
      cost: [
        {
          billMonth: '2026-10',
          startMs,
          currency: 'USD',
          billed: '1',
          attributes: { provider: 'AWS', service: 'EC2', resource_id: `i-${n}` },
        },
      ],
    })
  return book
}

const expected = (n: number) => ({
  usage: [{ keys: [`c${n}`], bucket: 'total', quantity: String(n % 2 === 1 ? (n * (n + 1)) / 2 : n) }],
  cost: [{ customerId: 'only', tenant: `cost-${n}`, billed: String(n) }],
})

const ask = async (cube: Cube, asOfBatch: number | undefined, signal?: AbortSignal) => {
  const asOf = asOfBatch === undefined ? {} : { asOfBatch }
  return cube.read(
    async (connection) => {
      const usage = await usageSlice(connection, {
        metric: 'calls',
        startMs,
        endMs: startMs + 1,
        grain: 'total',
        groupBy: ['customer'],
        ...asOf,
      })
      const cost = await costByCustomer(connection, { months: ['2026-10'], ...asOf })
      return {
        usage: usage.rows,
        cost: cost.map(({ customerId, tenant, billed }) => ({ customerId, tenant, billed })),
      }
    },
    signal,
    asOfBatch,
  )
}

test('every batch answers by its own terms, whoever asks beside and whatever is given up', async () => {
  const book = makeMoving()
  const cube = await openCube(book.directory)
  try {
    await cube.follow()
    for (let round = 0; round < 6; round++) {
      const asked = Array.from({ length: 40 }, (_, index) => {
        const n = 1 + ((index * 7 + round) % BATCHES)
        if (index % 5 === 4) return { n: BATCHES, answer: ask(cube, undefined) }
        const stop = new AbortController()
        const answer = ask(cube, n, stop.signal)
        // Every third is given up, most while it waits or runs.
        if (index % 3 === 0) setTimeout(() => stop.abort(new Error('given up')), index % 7)
        return { n, answer }
      })
      const ended = await Promise.allSettled(asked.map(({ answer }) => answer))
      ended.forEach((each, index) => {
        if (each.status === 'fulfilled') expect(each.value).toEqual(expected(asked[index]?.n ?? 0))
        else expect(String(each.reason)).toContain('given up')
      })
      expect(ended.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(26)
    }
    expect(await ask(cube, undefined)).toEqual(expected(BATCHES))
  } finally {
    await cube.close()
    book.close()
  }
})

test('what was asked before the cube had followed, or is asked after a rebuild, is made of all sets', async () => {
  const book = makeMoving()
  const cube = await openCube(book.directory)
  try {
    // An empty cube has no facts to answer from, and keeps no terms that lack sets.
    expect(await ask(cube, 3)).toEqual({ usage: [], cost: [] })
    await cube.follow()
    expect(await ask(cube, 3)).toEqual(expected(3))
    await cube.rebuild()
    expect(await ask(cube, 3)).toEqual(expected(3))
    expect(await ask(cube, undefined)).toEqual(expected(BATCHES))
  } finally {
    await cube.close()
    book.close()
  }
  await expect(ask(cube, 3)).rejects.toThrow('the cube is closed')
})
