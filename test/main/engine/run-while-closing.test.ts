/** A month that is closed while its invoices are computed keeps the invoices that it was closed with. */
import { expect, onTestFinished, test } from 'vitest'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Month } from '../../../src/domain/period.ts'
import { runMonth } from '../../../src/main/engine/invoice-run.ts'
import { openSession, type Session } from '../../../src/main/engine/session.ts'
import { events, openHouse, sell } from './house.ts'

const OCTOBER = '2026-10' as Month

test('a run that a close overtakes makes no draft', async () => {
  const house = await openHouse()
  onTestFinished(house.close)
  await house.take('a.jsonl', events([['e', 'calls', 'acme', '2026-10-01T00:00:00Z', '1']]))
  const fee = { kind: 'flat_fee', id: 'fee', name: 'Fee', amount: '1' as DecimalText } as const
  await sell(house.client, { id: 'acme' }, { id: 'card', charges: [fee] })
  await house.engine.close()
  const session = await openSession({
    directory: house.directory,
    program: 'test',
    clock: house.clock,
    author: 'Ada',
  })
  onTestFinished(session.close)
  // The run begins while the month is open, and the close is kept before anything is rated.
  const overtaken: Session = {
    ...session,
    follow: async () => {
      const content = { month: OCTOBER, reason: null, checks: [] }
      if (session.one('month_close', OCTOBER) === null)
        await session.put('closed', [{ kind: 'month_close', id: OCTOBER, content, expectedVersion: 0 }])
      await session.follow()
    },
  }
  const handle = { progress: () => {}, signal: new AbortController().signal }
  await expect(runMonth(overtaken, OCTOBER, undefined, handle)).rejects.toMatchObject({
    data: { code: 'month_is_closed' },
  })
  expect(session.all('invoice')).toEqual([])
})
