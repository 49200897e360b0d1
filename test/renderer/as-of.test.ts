/** The moment looked at: read from the address, added to every report, and nothing is changed meanwhile. */
import { expect, test } from 'vitest'
import { contract } from '../../src/contract/contract.ts'
import { asOfIn, carriedSearch, kindOf, linkAsOf, REFUSED_WHILE_PAST } from '../../src/renderer/as-of.ts'

test.each<readonly [search: unknown, asOf: string | null]>([
  [undefined, null],
  [{}, null],
  [{ month: '2026-10' }, null],
  [{ asOf: 812 }, '812'],
  [{ asOf: '2026-11-02T09:41' }, '2026-11-02T09:41'],
  [{ asOf: '' }, null],
  [{ asOf: { a: 1 } }, null],
])('the address %j is as of %s', (search, asOf) => {
  expect(asOfIn(search)).toBe(asOf)
})

test('the month and the moment go from screen to screen, and nothing else', () => {
  expect(carriedSearch({ month: '2026-10', asOf: 812, tab: 'slice' })).toEqual({
    month: '2026-10',
    asOf: 812,
  })
  expect(carriedSearch({ tab: 'slice', asOf: '' })).toEqual({})
})

const calls = Object.entries(contract).flatMap(([area, procedures]) =>
  Object.entries(procedures).map(([name, procedure]) => ({
    path: [area, name],
    called: `${area}.${name}`,
    method: procedure['~orpc'].route.method,
  })),
)

test('whatever is neither a report nor only read is refused while the past is looked at', () => {
  const reading = calls.filter(({ path }) => kindOf(path) === 'reading').map(({ called }) => called)
  expect(reading.sort()).toEqual([
    'book.backups',
    'connections.kinds',
    'connections.list',
    'excel.template',
    'imports.mappings',
    'ingestTokens.list',
    'jobs.cancel',
    'jobs.get',
    'jobs.list',
    'jobs.watch',
    'usage.views',
  ])
  const changed = calls.filter(({ path, method }) => kindOf(path) === 'change' && method === 'GET')
  expect(changed.map(({ called }) => called)).toEqual(['invoices.deliveryPreview'])
  expect(calls.filter(({ path, method }) => kindOf(path) === 'report' && method === 'PUT')).toEqual([])
  expect(kindOf(['nothing', 'known'])).toBe('change')
})

test('a report is asked as of the moment, unless it names its own', async () => {
  const asked: [path: string, input: unknown][] = []
  const link = {
    call: async (path: readonly string[], input: unknown) => {
      asked.push([path.join('.'), input])
    },
  }
  const past = linkAsOf(link, () => '812')
  const now = linkAsOf(link, () => null)
  const options = { context: {} }
  await past.call(['cost', 'margin'], { month: '2026-10' }, options)
  await past.call(['rateCards', 'list'], undefined, options)
  await past.call(['invoices', 'recompute'], { invoiceId: 'a', asOf: 'now' }, options)
  await past.call(['jobs', 'list'], undefined, options)
  await now.call(['rateCards', 'list'], undefined, options)
  await now.call(['invoices', 'approve'], { invoices: [] }, options)
  expect(asked).toEqual([
    ['cost.margin', { asOf: '812', month: '2026-10' }],
    ['rateCards.list', { asOf: '812' }],
    ['invoices.recompute', { asOf: 'now', invoiceId: 'a' }],
    ['jobs.list', undefined],
    ['rateCards.list', undefined],
    ['invoices.approve', { invoices: [] }],
  ])
  await expect(past.call(['invoices', 'approve'], { invoices: [] }, options)).rejects.toThrow(
    REFUSED_WHILE_PAST,
  )
  expect(asked).toHaveLength(6)
})
