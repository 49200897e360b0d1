import { describe, expect, test } from 'vitest'
import { toMonth } from '../../../src/domain/period.ts'
import {
  type BillFacts,
  CHECKS,
  type CheckId,
  type CloseFacts,
  closeChecks,
  mayLock,
} from '../../../src/domain/reconcile/checks.ts'
import { d } from '../pricing/cards.ts'

const bill = (changes: Partial<BillFacts> = {}): BillFacts => ({
  provider: 'AWS',
  billingAccount: '1234',
  month: toMonth('2026-10'),
  currency: 'USD',
  ledgerBilled: d('148215.004'),
  attributed: d('144304'),
  unattributed: d('3911.004'),
  billTotal: d('148215'),
  fileTotal: d('148215.004'),
  ...changes,
})

const facts = (changes: Partial<CloseFacts> = {}): CloseFacts => ({
  month: toMonth('2026-10'),
  sources: [{ name: 'AWS export', missingDays: [] }],
  bills: [bill()],
  usageComparisons: [],
  unattributedPercent: d('2.6'),
  unattributedThresholdPercent: d('5'),
  quarantineOpen: 0,
  conflicts: 0,
  billableCustomers: 3,
  invoices: { draft: 0, approved: 0, delivered: 3 },
  lateBatches: 0,
  ...changes,
})

test('a month in order', () => {
  const checks = closeChecks(facts())
  expect(checks.map(({ id, state, sentence }) => [id, state, sentence])).toEqual([
    ['sources_complete', 'passed', '1 source, no day missing.'],
    [
      'cost_equals_bill',
      'passed',
      '1 billing account: ledger cost equals its bill, and attributed + unattributed = total.',
    ],
    [
      'usage_agrees',
      'not_applicable',
      'Each metric is measured by one source only, so there is nothing to compare it with.',
    ],
    ['unattributed_under_threshold', 'passed', '2.6 % of cost is unattributed; the threshold is 5 %.'],
    ['quarantine_answered', 'passed', 'No record waits in quarantine.'],
    ['invoices_approved_and_delivered', 'passed', '3 invoices approved and delivered.'],
    [
      'payments_matched',
      'not_applicable',
      'Payments are matched in Stripe; this book is not connected to them.',
    ],
  ])
  expect(mayLock(checks, null)).toEqual({ allowed: true, overridden: [] })
})

const agreeing = (second: string) => [
  {
    metric: 'api.calls',
    quantities: [
      { source: 'gateway', quantity: d('1204') },
      { source: 'log', quantity: d(second) },
    ],
  },
]

test.each<[CheckId, Partial<CloseFacts>, string, string]>([
  [
    'sources_complete',
    { sources: [] },
    'open',
    'No source delivered anything for October 2026. Drop a file into Sources.',
  ],
  [
    'sources_complete',
    { sources: [{ name: 'gateway', missingDays: ['2026-10-03', '2026-10-04', '2026-10-05', '2026-10-09'] }] },
    'open',
    'gateway has nothing for 2026-10-03, 2026-10-04, 2026-10-05 and 1 more. Import those days, or lock the month with the reason why there are none.',
  ],
  [
    'cost_equals_bill',
    { bills: [] },
    'not_applicable',
    'The ledger has no cost of October 2026, so there is no bill to compare.',
  ],
  [
    'cost_equals_bill',
    { bills: [bill({ billTotal: null })] },
    'passed',
    '1 billing account: ledger cost equals its bill or its file’s sum, and attributed + unattributed = total.',
  ],
  [
    'cost_equals_bill',
    { bills: [bill({ billTotal: null, fileTotal: null })] },
    'open',
    'AWS 1234: the bill’s total is not known, type it from the bill.',
  ],
  [
    'cost_equals_bill',
    { bills: [bill({ billTotal: d('148216.5') })] },
    'open',
    'AWS 1234: the ledger has 148,215 USD, the bill 148,216.5 (−1.5).',
  ],
  [
    'cost_equals_bill',
    { bills: [bill({ fileTotal: d('148215') })] },
    'open',
    'AWS 1234: the ledger has 148,215.004 USD, the file 148,215 (+0.004).',
  ],
  [
    'cost_equals_bill',
    { bills: [bill({ unattributed: d('3911') })] },
    'open',
    'AWS 1234: attributed and unattributed cost differ from the ledger’s by −0.004 USD, rebuild the cube.',
  ],
  [
    'usage_agrees',
    { usageComparisons: agreeing('1204') },
    'passed',
    '1 metric measured twice: the sources agree.',
  ],
  [
    'usage_agrees',
    { usageComparisons: agreeing('1205') },
    'open',
    'Sources disagree. api.calls: gateway 1,204, log 1,205. Find out which one is right and correct the other.',
  ],
  [
    'unattributed_under_threshold',
    { unattributedPercent: d('5') },
    'passed',
    '5 % of cost is unattributed; the threshold is 5 %.',
  ],
  [
    'unattributed_under_threshold',
    { unattributedPercent: d('5.1') },
    'open',
    '5.1 % of cost is unattributed; the threshold is 5 %. Write rules for the largest contributors.',
  ],
  [
    'unattributed_under_threshold',
    { unattributedPercent: null },
    'not_applicable',
    'The ledger has no cost of October 2026.',
  ],
  [
    'quarantine_answered',
    { quarantineOpen: 1 },
    'open',
    '1 record in quarantine without an answer. Mend, replay or dismiss them in Ledger.',
  ],
  [
    'quarantine_answered',
    { conflicts: 2 },
    'open',
    '2 records of October 2026 came again with other content; what came first is counted. Compare them in Ledger, and lock the month with the reason why the first is right.',
  ],
  [
    'invoices_approved_and_delivered',
    { invoices: { draft: 1, approved: 1, delivered: 0 }, lateBatches: 2 },
    'open',
    '1 customer without an invoice (run the month), 1 draft to approve, 1 approved to deliver; 0 delivered. 2 batches with records of this month came after the invoices were computed: run the month again to renew the drafts; approved invoices stand, and sums that came late are billed by the customers’ next ones.',
  ],
  [
    'invoices_approved_and_delivered',
    { invoices: { draft: 0, approved: 0, delivered: 0 }, billableCustomers: 0 },
    'not_applicable',
    'No customer has a price in effect in October 2026, so there is nothing to invoice.',
  ],
  [
    'invoices_approved_and_delivered',
    { invoices: { draft: 0, approved: 0, delivered: 1 }, billableCustomers: 1, lateBatches: 1 },
    'passed',
    '1 invoice approved and delivered. 1 batch with records of this month came after the invoices were computed: approved invoices stand, and sums that came late are billed by the customers’ next ones.',
  ],
])('%s %#', (id, changes, state, sentence) => {
  const check = closeChecks(facts(changes)).find((candidate) => candidate.id === id)
  expect([check?.state, check?.sentence]).toEqual([state, sentence])
})

describe('may the month be locked', () => {
  const checks = closeChecks(facts({ quarantineOpen: 2, unattributedPercent: d('9') }))
  test('not while a blocking check is open', () =>
    expect(mayLock(checks, null)).toEqual({
      allowed: false,
      open: ['unattributed_under_threshold', 'quarantine_answered'],
      sentence:
        '2 checks open: Unattributed under threshold, Anomalies answered. Answer them, or lock with a reason.',
    }))
  test('an empty reason is none', () => expect(mayLock(checks, { reason: ' ' }).allowed).toBe(false))
  test('with a reason it may, and what was overridden is named', () =>
    expect(mayLock(checks, { reason: 'credit note agreed with AWS' })).toEqual({
      allowed: true,
      overridden: ['unattributed_under_threshold', 'quarantine_answered'],
    }))
  test('all seven are always there, in order', () => expect(checks.map((check) => check.id)).toEqual(CHECKS))
})
