/** One month by the command line alone: from the two sample files to an approved invoice and a workbook. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ImportResult } from '../../../src/contract/book.ts'
import { answer, fixture, run, startServing, temporaryFolder, writeDocument } from './support.ts'

const card = {
  id: 'standard',
  name: 'Standard',
  currency: 'USD',
  effectiveFrom: '2015-01-01',
  charges: [
    { kind: 'flat_fee', id: 'platform', name: 'Platform', amount: '10' },
    {
      kind: 'per_unit',
      id: 'requests',
      name: 'Requests',
      metric: 'http.requests',
      unitAmount: '0.40',
      per: '1000',
    },
  ],
}
const rules = {
  rules: [
    {
      id: 'by-application',
      name: 'Application tag',
      conditions: [{ field: 'tag:application', operator: 'present', value: '' }],
      target: { kind: 'value' },
    },
  ],
}
const contract = {
  id: 'googlebot-2015',
  customerId: '66.249.73.135',
  rateCardId: 'standard',
  startDay: '2015-01-01',
  endDay: null,
  discountPercent: '10',
  chargeDiscounts: {},
  monthlyCommitment: null,
}
const deal = {
  id: 'renewal',
  name: 'Renewal',
  customerId: '66.249.73.135',
  scenarios: [
    {
      name: 'As asked',
      terms: {
        rateCardId: 'standard',
        discountPercent: '25',
        chargeDiscounts: {},
        monthlyCommitment: '100',
        monthlyGrowthPercent: '0',
        termMonths: 12,
        startDay: '2015-07-01',
      },
    },
  ],
}
const INVOICE = '2015-05.66.249.73.135'

test('from files to a closed month', { timeout: 300_000 }, async () => {
  const folder = temporaryFolder()
  const book = ['--book', join(folder, 'book')]
  const document = (name: string, content: unknown) => writeDocument(folder, name, content)
  const importOf = async (...args: string[]): Promise<ImportResult> => {
    const { imports } = await answer<{ imports: ImportResult[] }>(0, 'import', ...args, ...book)
    if (imports[0] === undefined || imports.length !== 1) throw new Error('not one import')
    return imports[0]
  }

  // Without a server each command opens the book itself.
  await answer(0, 'init', '--name', 'Example', '--currency', 'USD', '--time-zone', 'UTC', ...book)
  const again = await answer(
    1,
    'init',
    '--name',
    'Example',
    '--currency',
    'USD',
    '--time-zone',
    'UTC',
    ...book,
  )
  expect(again).toMatchObject({ error: { code: 'book_exists_already' } })

  expect(await importOf('cost', fixture('focus-1.0-sample.csv'))).toMatchObject({
    rows: 500,
    added: 500,
    quarantined: 0,
    currencies: [{ currency: 'USD', billed: '5.9883937432', effective: '2' }],
  })
  expect(await importOf('log', fixture('apache-access.log'))).toMatchObject({
    rows: 5000,
    added: 5000,
    quarantined: 0,
    metrics: [
      { metric: 'http.requests', events: 5000, quantity: '5000' },
      { metric: 'http.response.bytes', events: 5000, quantity: '1312869333' },
    ],
  })
  const text = await run('import', 'cost', fixture('focus-1.0-sample.csv'), ...book)
  expect(text).toMatchObject({ code: 0, err: '' })
  expect(text.out).toContain('500 rows read, 0 rows added, 500 already there')
  expect(existsSync(join(folder, 'book', 'book.lock'))).toBe(false)

  // With one, they go through it; the book is never opened beside it.
  const server = await startServing(['serve', ...book])
  expect(server.firstLine).toMatch(/^Countinghouse is open at http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/)
  expect(await importOf('log', fixture('apache-access.log'))).toMatchObject({ added: 0, duplicate: 5000 })
  expect(await run('serve', ...book)).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/ is open in process \d+ at http/),
  })

  expect(await answer(0, 'cost', '--month', '2024-09', ...book)).toMatchObject({
    billed: '5.9883937432',
    effective: '2',
  })
  expect(
    await answer(0, 'usage', '--metric', 'http.response.bytes', '--month', '2015-05', ...book),
  ).toMatchObject({
    total: '1312869333',
  })
  const table = await run('cost', '--month', '2024-09', '--group-by', 'provider', ...book)
  expect(table.out.trimEnd().split('\n').at(-1)).toMatch(/^Total +5\.9883937432 +2 +500$/)

  const rulesPath = document('rules.json', rules)
  expect(await answer(0, 'rules', 'preview', rulesPath, ...book)).toMatchObject({ total: '5.9883937432' })
  expect(await answer(0, 'rules', 'set', rulesPath, ...book)).toEqual({ version: 1, rules: 1, changed: true })
  expect(await answer(0, 'rules', 'set', rulesPath, ...book)).toEqual({
    version: 1,
    rules: 1,
    changed: false,
  })
  expect(await answer(0, 'rules', 'show', ...book)).toEqual({ version: 1, ...rules })
  const bad = document('bad.json', {
    rules: [{ ...rules.rules[0], conditions: [{ field: 'tag:a', operator: 'regex', value: '(a+)+' }] }],
  })
  expect(await answer<object>(1, 'rules', 'set', bad, ...book)).toMatchObject({
    error: { issues: [{ severity: 'error' }] },
  })

  expect(await answer(0, 'ratecard', 'set', document('card.json', card), ...book)).toEqual({
    id: 'standard',
    version: 1,
    issues: [],
    changed: true,
  })
  expect(await answer(0, 'ratecard', 'set', join(folder, 'card.json'), ...book)).toMatchObject({
    version: 1,
    changed: false,
  })
  expect(
    await answer(0, 'customers', 'from-tenants', '--tenant', '66.249.73.135', '46.105.14.53', ...book),
  ).toEqual({ made: 2 })
  const customers = document('customers.json', [
    { id: '46.105.14.53', name: 'Feed reader' },
    { id: 'acme', name: 'Acme' },
  ])
  expect(await answer(0, 'customers', 'set', customers, ...book)).toEqual({
    made: 1,
    changed: 1,
    unchanged: 0,
  })
  expect(await answer(0, 'customers', 'set', customers, ...book)).toEqual({
    made: 0,
    changed: 0,
    unchanged: 2,
  })
  const listed = await answer<{ rows: { customer: object }[] }>(0, 'customers', 'list', ...book)
  // What the file left out stayed: the tenant.
  expect(listed.rows.map(({ customer }) => customer)).toContainEqual(
    expect.objectContaining({ id: '46.105.14.53', name: 'Feed reader', tenants: ['46.105.14.53'] }),
  )
  expect(await answer(0, 'contract', 'set', document('contract.json', contract), ...book)).toMatchObject({
    version: 1,
  })
  expect(
    await answer(
      1,
      'contract',
      'set',
      document('nobody.json', { ...contract, customerId: 'nobody' }),
      ...book,
    ),
  ).toMatchObject({
    error: { code: 'not_found' },
  })

  // 279 requests: 10 + 279 × 0.40 / 1,000, less 10 % each: 9.00 + 0.10.
  expect(await answer(0, 'invoice', 'run', '--month', '2015-05', ...book)).toMatchObject({
    drafts: 1,
    total: '9.1',
  })
  expect(await answer(0, 'invoice', 'show', INVOICE, ...book)).toMatchObject({
    invoice: { state: 'draft', total: '9.1', lines: [{ amount: '9' }, { quantity: '279', amount: '0.1' }] },
  })
  expect((await run('explain', `${INVOICE}/2`, ...book)).out).toContain('279')
  expect(await run('invoice', 'approve', '--all', ...book)).toMatchObject({
    code: 2,
    err: '--all needs --month.\n',
  })
  expect(await answer(0, 'invoice', 'approve', '--all', '--month', '2015-05', ...book)).toEqual({
    approved: 1,
    refused: [],
  })
  expect(await answer(1, 'invoice', 'approve', '--all', '--month', '2015-05', ...book)).toMatchObject({
    error: { code: 'nothing_to_do' },
  })
  expect(await answer(0, 'margin', '--month', '2015-05', ...book)).toMatchObject({
    total: { revenue: '9.1' },
  })

  const dealPath = document('deal.json', deal)
  // Twelve months of the commitment, which is more than the fee and the usage come to.
  expect(await answer(0, 'deal', 'model', dealPath, ...book)).toMatchObject({
    scenarios: [{ name: 'As asked', totalContractValue: '1200' }],
  })
  expect(await answer(0, 'deal', 'save', dealPath, ...book)).toEqual({ id: 'renewal', version: 1 })

  const bill = ['--set-total', 'AWS', '1234567890123', 'USD']
  expect(await answer(1, 'reconcile', '--month', '2024-09', ...bill, '7.5', ...book)).toMatchObject({
    bills: [{ ledgerBilled: '5.9883937432', billTotal: '7.5' }],
    mayClose: false,
  })
  expect(await answer(1, 'close', '--month', '2024-09', ...book)).toHaveProperty('error.code')
  await answer<object>(
    1,
    'reconcile',
    '--month',
    '2024-09',
    '--set-total',
    'Nobody',
    '1',
    'USD',
    '7',
    ...book,
  )
  await answer<object>(0, 'close', '--month', '2024-09', '--reason', 'the bill is disputed', ...book)
  expect(await answer(0, 'reconcile', '--month', '2024-09', ...book)).toMatchObject({
    closed: true,
    reason: 'the bill is disputed',
  })

  const workbook = join(folder, 'september.xlsx')
  await answer(0, 'export', 'month', '--month', '2024-09', '--out', workbook, ...book)
  expect(readFileSync(workbook).subarray(0, 2).toString()).toBe('PK')
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])

  const ended = await server.stop('SIGTERM')
  expect(ended).toMatchObject({ code: 0, err: '' })
  expect(ended.out.split('\n')).toHaveLength(2)

  expect(await answer(0, 'verify', ...book)).toMatchObject({ ok: true, cubeAgrees: true, fault: null })
  expect(existsSync(join(folder, 'book', 'book.lock'))).toBe(false)
})

test('bad rows and files of another kind', { timeout: 120_000 }, async () => {
  const folder = temporaryFolder()
  const book = ['--book', join(folder, 'book')]
  await answer(0, 'init', '--name', 'Example', '--currency', 'EUR', '--time-zone', 'Europe/Berlin', ...book)
  const server = await startServing(['serve', ...book])
  const event = (id: string, value: unknown) =>
    JSON.stringify({
      specversion: '1.0',
      id,
      source: '/api',
      type: 'api.calls',
      subject: 'acme',
      time: '2026-10-02T10:00:00Z',
      data: { value },
    })
  const events = writeDocument(
    folder,
    'events.jsonl',
    `${event('a', '3')}\n${event('b', 'many')}\n${event('c', 'few')}\n`,
  )
  expect(await answer(0, 'import', 'usage', events, ...book)).toMatchObject({
    imports: [{ rows: 3, added: 1, quarantined: 2, metrics: [{ metric: 'api.calls', quantity: '3' }] }],
  })
  const { rows } = await answer<{ rows: { seq: number; row: number }[] }>(0, 'quarantine', 'list', ...book)
  expect(rows.map(({ row }) => row)).toEqual([2, 3])
  const [second, third] = rows.map(({ seq }) => String(seq))
  const mended = writeDocument(folder, 'mended.json', `${event('b', '4')}\n`)
  await answer(0, 'quarantine', 'replay', second ?? '', '--raw', mended, ...book)
  expect(await answer(0, 'quarantine', 'dismiss', third ?? '', '--note', 'a test', ...book)).toEqual({
    dismissed: 1,
  })
  expect(await answer(0, 'quarantine', 'list', ...book)).toEqual({ open: 0, rows: [] })
  expect(await answer(0, 'usage', '--metric', 'api.calls', '--group-by', 'tenant', ...book)).toMatchObject({
    total: '7',
    rows: [{ keys: ['acme'], total: '7' }],
  })

  // The first file is in, the second is not what it should be, and the answer says both.
  const more = writeDocument(folder, 'more.jsonl', event('d', '5'))
  const refused = await run('import', 'usage', more, fixture('focus-1.0-sample.csv'), '--json', ...book)
  expect(refused.code).toBe(1)
  expect(refused.err).toMatch(
    /focus-1\.0-sample\.csv holds FOCUS cost.*use "import cost"\. 1 file before it is imported\.\n$/,
  )
  expect(JSON.parse(refused.out)).toMatchObject({
    error: { code: 'file_is_of_another_kind' },
    imports: [{ file: 'more.jsonl', added: 1 }],
  })
  expect(await answer(1, 'import', 'usage', join(folder, 'none.jsonl'), ...book)).toMatchObject({
    error: { code: 'file_not_found' },
  })
  expect(
    await answer(0, 'import', 'cost', fixture('focus-1.0-sample.csv'), '--preview', ...book),
  ).toMatchObject({
    previews: [{ kind: 'focus', bills: [{ billed: '5.9883937432' }] }],
  })

  // A column mapping: given once, kept, and proposed for the next file with that header.
  const csv = writeDocument(folder, 'calls.csv', 'wer,wann,wieviel\nglobex,2026-10-03 09:00,2\n')
  const mapping = writeDocument(folder, 'mapping.json', {
    tenant: { column: 'wer' },
    metric: { fixed: 'api.calls' },
    quantity: { column: 'wieviel' },
    time: { column: 'wann', format: 'iso', timeZone: 'Europe/Berlin' },
    dimensions: [],
  })
  expect(await answer(1, 'import', 'usage', csv, ...book)).toMatchObject({
    error: { code: 'mapping_is_needed' },
  })
  expect(
    await answer(0, 'import', 'usage', csv, '--mapping', mapping, '--save-mapping', 'calls', ...book),
  ).toMatchObject({
    imports: [{ added: 1 }],
  })
  const next = writeDocument(folder, 'next.csv', 'wer,wann,wieviel\nglobex,2026-10-04 09:00,8\n')
  expect(await answer(0, 'import', 'usage', next, ...book)).toMatchObject({ imports: [{ added: 1 }] })
  expect(
    await answer(0, 'usage', '--metric', 'api.calls', '--filter', 'tenant=globex', ...book),
  ).toMatchObject({ total: '10' })
  expect(await server.stop('SIGINT')).toMatchObject({ code: 0 })
})
