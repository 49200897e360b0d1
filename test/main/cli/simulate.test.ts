import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runHere, temporaryFolder, writeDocument } from './support.ts'

const card = (unitAmount: string) => ({
  id: 'standard',
  name: 'Standard',
  currency: 'USD',
  effectiveFrom: '2020-01-01',
  charges: [{ kind: 'per_unit', id: 'calls', name: 'Calls', metric: 'calls', unitAmount, per: '1' }],
})
const event = (id: string, time: string, value: string) =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: 's',
    type: 'calls',
    subject: 'acme',
    time,
    data: { value },
  })

test('a card of a file is simulated, the running month previewed; neither is kept', async () => {
  const folder = temporaryFolder()
  const run = (...args: string[]) => runHere(folder, '--book', join(folder, 'book'), ...args)
  await run('init', '--name', 'Rating', '--currency', 'USD', '--time-zone', 'UTC')
  // The machine's own clock: the month before and the running one.
  const running = new Date().toISOString().slice(0, 7)
  const lastMonth = new Date(Date.parse(`${running}-01T00:00:00Z`) - 86_400_000).toISOString().slice(0, 7)
  const now = new Date(Date.now() - 60_000).toISOString()
  writeDocument(
    folder,
    'usage.jsonl',
    `${event('1', `${lastMonth}-05T00:00:00Z`, '200')}\n${event('2', now, '30')}\n`,
  )
  expect(await run('import', 'usage', 'usage.jsonl')).toMatchObject({ code: 0 })
  writeDocument(folder, 'card.json', card('0.10'))
  expect(await run('ratecard', 'set', 'card.json')).toMatchObject({ code: 0 })
  writeDocument(folder, 'customers.json', [{ id: 'acme', name: 'Acme', tenants: ['acme'] }])
  expect(await run('customers', 'set', 'customers.json')).toMatchObject({ code: 0 })
  writeDocument(folder, 'contract.json', {
    id: 'acme-1',
    customerId: 'acme',
    rateCardId: 'standard',
    startDay: '2020-01-01',
    endDay: null,
    discountPercent: '0',
    chargeDiscounts: {},
    monthlyCommitment: null,
  })
  expect(await run('contract', 'set', 'contract.json')).toMatchObject({ code: 0 })

  writeDocument(folder, 'draft.json', card('0.25'))
  const simulated = await run('ratecard', 'simulate', 'draft.json', '--months', '1')
  expect(simulated.code).toBe(0)
  expect(simulated.out).toContain(
    '20.00 USD today, 50.00 with the draft (+30.00, 150.0 %). 1 would pay more, 0 less, 0 the same.',
  )
  expect(simulated.out).toMatch(/Acme +20\.00 +50\.00 +30\.00 +USD +150 % +1/)
  expect(simulated.out).toMatch(/> 50 % more +1/)
  expect(JSON.parse((await run('--json', 'ratecard', 'show', 'standard')).out).card.versions).toHaveLength(1)
  expect((await run('ratecard', 'simulate', 'draft.json', '--months', '0')).err).toContain(
    '--months is a whole number from 1 to 36',
  )

  const preview = await run('invoice', 'preview', 'acme')
  expect(preview.code).toBe(0)
  expect(preview.out).toContain('what the invoice is so far, and at the month’s end')
  expect(preview.out).toMatch(/(are|is) over|There is no forecast before tomorrow/)
  expect(JSON.parse((await run('--json', 'invoice', 'list')).out).rows).toEqual([])
  expect((await run('invoice', 'preview', 'nobody')).err).toContain('There is no customer nobody.')
}, 60_000)
