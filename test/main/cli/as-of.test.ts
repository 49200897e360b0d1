/** `--as-of` on every report of the command line, and an invoice recomputed. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, onTestFinished, test } from 'vitest'
import { buildProgram } from '../../../src/main/cli/program.ts'
import { startHttpServer } from '../../../src/main/server/http.ts'
import { events, focus, openHouse } from '../engine/house.ts'
import { ioOf, runHere, temporaryFolder, writeDocument } from './support.ts'

const FIRST = '2026-11-01T09:00:00Z'
const SECOND = '2026-11-05T09:00:00Z'
const MONTH = ['--month', '2026-10']
const card = (unitAmount: string) => ({
  id: 'standard',
  name: 'Standard',
  currency: 'USD',
  effectiveFrom: '2026-01-01',
  charges: [{ kind: 'per_unit', id: 'calls', name: 'Calls', metric: 'calls', unitAmount, per: '1' }],
})
const deal = {
  id: 'renewal',
  name: 'Renewal',
  customerId: 'acme',
  scenarios: [
    {
      name: 'As asked',
      terms: {
        rateCardId: 'standard',
        discountPercent: '25',
        chargeDiscounts: {},
        monthlyCommitment: null,
        monthlyGrowthPercent: '0',
        termMonths: 12,
        startDay: '2027-01-01',
      },
    },
  ],
}
const rules = (tag: string) => ({
  rules: [
    {
      id: `by-${tag}`,
      name: `By ${tag}`,
      conditions: [{ field: `tag:${tag}`, operator: 'present', value: '' }],
      target: { kind: 'value' },
    },
  ],
})

/** Commands that change nothing and are no reports: what they say is of now alone, or of no book at all. */
const NOT_REPORTS = [
  'verify',
  'backup',
  'backups',
  'restore',
  'serve',
  'demo',
  'openapi',
  'rate',
  'schema',
  'token list',
  'agent',
]
const CHANGES =
  /^(init|close|import|reverse|.* (import|create|revoke|take|keep|set|save|approve|close|run|deliver|replay|dismiss|from-tenants|usage|cost|log))$/

const namesOf = (command: Command, prefix = ''): { name: string; command: Command }[] =>
  command.commands.flatMap((each) => {
    const name = `${prefix}${each.name()}`
    return each.commands.length === 0 ? [{ name, command: each }] : namesOf(each, `${name} `)
  })

test('every command that reports has it', () => {
  const program = buildProgram({ io: ioOf('/', { out: '', err: '' }), exitCode: 0 })
  const without = namesOf(program).filter(
    ({ command }) => !command.options.some(({ long }) => long === '--as-of'),
  )
  const others = without.filter(({ name }) => !NOT_REPORTS.includes(name) && !CHANGES.test(name))
  expect(others.map(({ name }) => name)).toEqual([])
})

test('a report as of before says what it said then, and an invoice recomputes to the cent', async () => {
  const folder = temporaryFolder()
  const document = (name: string, content: unknown) => writeDocument(folder, name, content)
  // The book is open, so commands go through its holder, whose clock is the test's.
  const house = await openHouse({ now: FIRST, timeZone: 'Europe/Berlin' })
  const server = await startHttpServer({
    router: house.engine.router,
    context: ({ local }) => ({ local }),
    version: '1.2.3',
    token: 'user-Token_0123456789',
    localToken: 'local-token-987654321',
    rendererDirectory: null,
  })
  onTestFinished(async () => {
    await server.close()
    await house.close()
  })
  house.engine.publish(server.origin, 'local-token-987654321')
  const at = async (clock: string, ...args: string[]) => {
    house.clock.set(clock)
    return runHere(folder, ...args, '--book', house.directory)
  }
  const done = async (clock: string, ...args: string[]) => {
    const ended = await at(clock, ...args)
    if (ended.code !== 0) throw new Error(`${args.join(' ')}: ${ended.err}`)
    return ended.out
  }
  const first = (...args: string[]) => done(FIRST, ...args)
  await first(
    'import',
    'usage',
    document(
      'a.jsonl',
      [
        events([['1', 'calls', 'acme', '2026-10-05T00:00:00Z', '100']]),
        events([['2', 'calls', 'acme', 'yesterday', '1']]),
      ].join('\n'),
    ),
  )
  const bill = focus([{ day: '2026-10-05', service: 'EC2', billed: '3.21', app: 'acme' }])
  await first('import', 'cost', document('a.csv', bill))
  await first('ratecard', 'set', document('card.json', card('0.5')))
  await first('rules', 'set', document('rules.json', rules('app')))
  await first('customers', 'from-tenants', '--rate-card', 'standard', '--start', '2026-01-01')
  await first('invoice', 'run', ...MONTH)
  await first('invoice', 'approve', '2026-10.acme')
  await first('deal', 'save', document('deal.json', deal))

  const REPORTS: readonly (readonly string[])[] = [
    ['status'],
    ['explain', 'b3'],
    ['explain', '2026-10.acme/1'],
    ['usage', '--metric', 'calls', '--group-by', 'customer'],
    ['cost', '--group-by', 'customer,rule'],
    ['margin'],
    ['customers', 'list'],
    ['metrics', 'list'],
    ['rules', 'show'],
    ['rules', 'preview', document('other.json', rules('app'))],
    ['ratecard', 'list'],
    ['ratecard', 'show', 'standard'],
    ['deal', 'model', join(folder, 'deal.json')],
    ['deal', 'list'],
    ['invoice', 'list', ...MONTH],
    ['invoice', 'show', '2026-10.acme'],
    ['reconcile', ...MONTH],
    ['quarantine', 'list'],
  ]
  const asked = async (...more: string[]) => {
    const answers = new Map<string, unknown>()
    for (const report of REPORTS) {
      const ended = await at(FIRST, ...report, ...more, '--json')
      answers.set(report.join(' '), JSON.parse(ended.out))
    }
    return answers
  }
  const then = await asked()

  const second = (...args: string[]) => done(SECOND, ...args)
  const late = [
    ['3', 'calls', 'acme', '2026-10-06T00:00:00Z', '11'],
    ['4', 'calls', 'bolt', '2026-10-20T00:00:00Z', '1'],
  ] as const
  await second('import', 'usage', document('b.jsonl', events(late)))
  await second('import', 'cost', document('b.csv', bill.replaceAll('3.21', '4.00')))
  await second('ratecard', 'set', document('card.json', card('9')))
  await second('rules', 'set', document('rules.json', rules('team')))
  await second('customers', 'set', document('c.json', [{ id: 'acme', name: 'Acme', tenants: ['bolt'] }]))
  await second('deal', 'approve', 'renewal', '--reason', 'strategic')
  await second(
    'quarantine',
    'dismiss',
    JSON.parse(await second('quarantine', 'list', '--json')).rows[0].seq.toString(),
    '--note',
    'test',
  )
  await second('close', ...MONTH, '--reason', 'delivered by hand')

  // What did not change would prove nothing; a batch never does.
  const now = await asked()
  const unchanged = [...now].filter(
    ([name, answer]) => JSON.stringify(answer) === JSON.stringify(then.get(name)),
  )
  expect(unchanged.map(([name]) => name)).toEqual(['explain b3'])
  const { out } = await at(SECOND, 'status', '--as-of', '2026-11-01', '--json')
  const { head } = JSON.parse(out)
  for (const [name, answer] of await asked('--as-of', String(head.batchId)))
    expect(answer, name).toEqual(then.get(name))

  const margin = await second('margin', ...MONTH, '--as-of', '2026-11-04')
  expect(margin.split('\n')[0]).toBe(
    `As of 2026-11-01 09:00 UTC (batch ${head.batchId}, chain head ${head.hash.slice(0, 12)}): what came later is not counted.`,
  )
  expect(margin).toMatch(/^acme +50 +invoice +3\.21 +46\.79/m)
  const file = join(folder, 'then.xlsx')
  await second('export', 'month', ...MONTH, '--as-of', '2026-11-01T10:00', '--out', file)
  expect(existsSync(file)).toBe(true)

  const same = await second('invoice', 'recompute', '2026-10.acme')
  const { asOfBatch } = JSON.parse(await second('invoice', 'show', '2026-10.acme', '--json')).invoice
  expect(same).toContain(
    `Recomputed as of its issue (batch ${asOfBatch}), every line comes to the same cent: 50.00 USD.`,
  )
  const different = await at(SECOND, 'invoice', 'recompute', '2026-10.acme', '--as-of', 'now')
  expect(different.code).toBe(1)
  expect(different.out).toContain('1 of 1 lines differs: 9.00 USD instead of 50.00 USD (−41.00).')
  expect(different.out).toContain('The quantity was 100 and is 1: −41.00.')

  const refusals: readonly (readonly [code: number, words: string, ...args: string[]])[] = [
    [1, '“soon” is no moment to ask as of.', 'margin', ...MONTH, '--as-of', 'soon'],
    [1, '2026-11-06 lies in the future', 'status', '--as-of', '2026-11-06'],
    [
      1,
      '2026-10-31 is before the book began: its first batch was recorded on 2026-11-01 09:00 UTC.',
      'status',
      '--as-of',
      '2026-10-31',
    ],
    [1, 'There is no batch 999;', 'explain', 'b1', '--as-of', '999'],
    [
      2,
      '--set-total changes the book of now; it cannot be said together with --as-of.',
      'reconcile',
      ...MONTH,
      '--as-of',
      '3',
      '--set-total',
      'AWS',
      '1',
      'USD',
      '3',
    ],
    [2, "unknown option '--as-of'", 'invoice', 'run', ...MONTH, '--as-of', '3'],
  ]
  for (const [code, words, ...args] of refusals) {
    const ended = await at(SECOND, ...args)
    expect([ended.code, ended.err]).toEqual([code, expect.stringContaining(words)])
  }
}, 240_000)
