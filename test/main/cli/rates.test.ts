import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runHere, temporaryFolder } from './support.ts'

const CSV = 'Date,USD,GBP,\n2026-10-30,1.0876,0.8512,\n2026-10-29,1.0861,0.85,\n2001-01-02,0.9423,0.63,\n'

test('rates are imported, entered, listed and asked for', async () => {
  const folder = temporaryFolder()
  const run = (...args: string[]) => runHere(folder, '--book', join(folder, 'book'), ...args)
  expect(await run('init', '--name', 'Rates', '--currency', 'USD', '--time-zone', 'UTC')).toMatchObject({
    code: 0,
  })
  writeFileSync(join(folder, 'eurofxref-hist.csv'), CSV)

  const first = await run('rates', 'import', 'eurofxref-hist.csv', '--from', '2026-01-01')
  expect(first.out.trim()).toBe(
    'eurofxref-hist.csv: 2 days read, 4 rates new, 0 changed. 1 days before 2026-01-01 were left out.',
  )
  const again = await run('rates', 'import', 'eurofxref-hist.csv', '--from', '2026-01-01')
  expect(again.out).toContain('0 rates new, 0 changed')

  expect((await run('rates', 'on', 'GBP', 'USD', '2026-10-31', '--amount', '851.2')).out.trim()).toBe(
    '1 GBP = 1.0876 ÷ 0.8512 USD (ECB, 2026-10-30)\n851.2 GBP = 1,087.6 USD',
  )
  expect((await run('rates', 'set', 'EUR', 'USD', '2026-10-01', '1.1')).out).toContain(
    '1 EUR = 1.1 USD from 2026-10-01',
  )
  expect((await run('rates', 'on', 'EUR', 'USD', '2026-10-31')).out.trim()).toBe(
    '1 EUR = 1.1 USD (entered, 2026-10-01)',
  )
  expect((await run('rates', 'on', 'EUR', 'CHF', '2026-10-31')).out).toContain(
    'There is no rate from EUR to CHF for 2026-10-31',
  )
  const tables = JSON.parse((await run('--json', 'rates', 'list')).out)
  expect(tables.map((table: { id: string }) => table.id)).toEqual(['ecb-EUR-2026', 'entered-EUR-2026'])
}, 60_000)

test('what is wrong is refused whole, with its row', async () => {
  const folder = temporaryFolder()
  const run = (...args: string[]) => runHere(folder, '--book', join(folder, 'book'), ...args)
  await run('init', '--name', 'Rates', '--currency', 'USD', '--time-zone', 'UTC')
  writeFileSync(join(folder, 'bad.csv'), CSV.replace('1.0861', 'abc'))
  const refused = await run('rates', 'import', 'bad.csv')
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('bad.csv: Row 3, USD: "abc" is not a rate above zero. Nothing was saved.')
  expect(JSON.parse((await run('--json', 'rates', 'list')).out)).toEqual([])
  expect(await run('rates', 'set', 'EUR', 'USD', '2026-10-01', '0')).toMatchObject({ code: 1 })
  expect(await run('rates', 'set', 'euro', 'USD', '2026-10-01', '1')).toMatchObject({ code: 2 })
}, 60_000)
