/** What the ledger declines to write, in its exact words; nothing of the batch is kept. */
import { expect, test } from 'vitest'
import type { Appender } from '../../../src/main/ledger/append.ts'
import { rawRecord, readHead } from '../../../src/main/ledger/read.ts'
import type { LedgerRefusalCode } from '../../../src/main/ledger/refusal.ts'
import { searchEntries } from '../../../src/main/ledger/search-entries.ts'
import { batch, contentKey, costFields, decimal, newBook, origin, usageFields } from './book.ts'
import { fullBook } from './full-book.ts'

const QUANTITY = 'Nothing of this batch was kept; choose a metric with fewer decimals.'
const AMOUNT =
  'has more than 18 decimals or 20 digits before the point, and is never rounded. Nothing of this batch was kept.'
const usage = (quantity: bigint) => (a: Appender) =>
  a.usageById(contentKey('1'), usageFields(a, { quantity }), origin('1'))
const cost = (changes: Parameters<typeof costFields>[1]) => (a: Appender) =>
  a.costByContent(contentKey('1'), costFields(a, changes), origin(['1']))
const document = (expectedVersion: number) => (a: Appender) =>
  a.document('rate_card', 'main', '[]', expectedVersion)

const REFUSED: readonly (readonly [
  what: string,
  write: (appender: Appender) => unknown,
  code: LedgerRefusalCode,
  message: string,
])[] = [
  [
    'a quantity beyond 64 bits',
    usage(9_223_372_036_854_775_808n),
    'quantity_does_not_fit',
    `The quantity 9223372036854775808 is larger than the ledger holds (9223372036854775807). ${QUANTITY}`,
  ],
  [
    'a quantity whose reversal would not fit',
    usage(-9_223_372_036_854_775_808n),
    'quantity_does_not_fit',
    `The quantity -9223372036854775808 is larger than the ledger holds (9223372036854775807). ${QUANTITY}`,
  ],
  [
    'a billed cost with 19 decimals',
    cost({ billedCost: decimal('0.1234567890123456789') }),
    'amount_does_not_fit',
    `The amount 0.1234567890123456789 ${AMOUNT}`,
  ],
  [
    'an effective cost of 21 digits',
    cost({ effectiveCost: decimal('-123456789012345678901') }),
    'amount_does_not_fit',
    `The amount -123456789012345678901 ${AMOUNT}`,
  ],
  [
    'a list cost with 19 decimals',
    cost({ listCost: decimal('0.0000000000000000001') }),
    'amount_does_not_fit',
    `The amount 0.0000000000000000001 ${AMOUNT}`,
  ],
  [
    'a contracted cost of 21 digits',
    cost({ contractedCost: decimal('123456789012345678901') }),
    'amount_does_not_fit',
    `The amount 123456789012345678901 ${AMOUNT}`,
  ],
  [
    'a consumed quantity with 19 decimals',
    cost({ consumedQuantity: decimal('0.0000000000000000001') }),
    'amount_does_not_fit',
    `The amount 0.0000000000000000001 ${AMOUNT}`,
  ],
  [
    'a source under another kind, in one batch',
    (a) => a.source('gateway', 'usage') + a.source('gateway', 'cost'),
    'source_exists_with_another_kind',
    'The source gateway is of the kind usage, not cost. Nothing of this batch was kept; name the source otherwise.',
  ],
  [
    'a document made over a version that there is not',
    document(3),
    'document_was_changed_meanwhile',
    'The rate_card main was changed meanwhile: it is at version 0, and the change was made to version 3. Nothing was saved; look at the newer version and make the change again.',
  ],
  [
    'a document made over an older version',
    (a) => document(0)(a) + document(0)(a),
    'document_was_changed_meanwhile',
    'The rate_card main was changed meanwhile: it is at version 1, and the change was made to version 0. Nothing was saved; look at the newer version and make the change again.',
  ],
  [
    'a reversal of no usage event',
    (a) => a.reverseUsage(12, null),
    'entry_does_not_exist',
    'There is no usage event 12 that could be reversed.',
  ],
  [
    'a reversal of no cost entry',
    (a) => a.reverseCost(12, null),
    'entry_does_not_exist',
    'There is no cost entry 12 that could be reversed.',
  ],
  [
    'an answer to no quarantined record',
    (a) => a.quarantineOutcome(12, 'dismissed', ''),
    'entry_does_not_exist',
    'There is no quarantined record 12.',
  ],
]

test.each(REFUSED)('%s is refused', async (_, write, code, message) => {
  const ledger = newBook()
  const refused = { name: 'LedgerRefusal', code, message, isWorthRetrying: false }
  await expect(batch(ledger, (appender) => void write(appender))).rejects.toMatchObject(refused)
  expect(readHead(ledger)).toBeNull()
})

test('of a book that has entries, what is corrected or answered already is refused, and what is of another kind', async () => {
  const ledger = await fullBook()
  const head = readHead(ledger)
  const seqsOf = (table: 'usage_event' | 'cost_entry') => {
    const entries = searchEntries(ledger, { tables: [table] })
    const reversal = entries.find(({ columns }) => columns.correction === 'reversal')
    return { reversal: reversal?.seq ?? 0, reversed: Number(reversal?.columns.corrects) }
  }
  const [usageSeqs, costSeqs] = [seqsOf('usage_event'), seqsOf('cost_entry')]
  const [answered] = searchEntries(ledger, { tables: ['quarantine'], limit: 1 })
  const cases: readonly (readonly [(a: Appender) => unknown, LedgerRefusalCode, string])[] = [
    [
      (a) => a.reverseUsage(usageSeqs.reversed, null),
      'entry_is_reversed_already',
      `The usage event ${usageSeqs.reversed} is reversed already; nothing was changed.`,
    ],
    [
      (a) => a.reverseCost(costSeqs.reversed, null),
      'entry_is_reversed_already',
      `The cost entry ${costSeqs.reversed} is reversed already; nothing was changed.`,
    ],
    [
      (a) => a.reverseUsage(usageSeqs.reversal, null),
      'entry_does_not_exist',
      `There is no usage event ${usageSeqs.reversal} that could be reversed.`,
    ],
    [
      (a) => a.reverseCost(costSeqs.reversal, null),
      'entry_does_not_exist',
      `There is no cost entry ${costSeqs.reversal} that could be reversed.`,
    ],
    [
      (a) => a.quarantineOutcome(answered?.seq ?? 0, 'replayed', 'by ann'),
      'record_is_answered_already',
      `The quarantined record ${answered?.seq} is dismissed already; nothing was changed.`,
    ],
    [
      (a) => a.source('gateway', 'focus'),
      'source_exists_with_another_kind',
      'The source gateway is of the kind cloudevents, not focus. Nothing of this batch was kept; name the source otherwise.',
    ],
  ]
  for (const [write, code, message] of cases) {
    // What was written before it in the batch goes too.
    const writing = batch(ledger, (appender) => {
      appender.tenant('nobody')
      write(appender)
    })
    await expect(writing).rejects.toMatchObject({ name: 'LedgerRefusal', code, message })
  }
  expect(readHead(ledger)).toEqual(head)
})

test('a raw record that there is not', async () => {
  const ledger = await fullBook()
  const missing = (message: string) => expect.objectContaining({ code: 'entry_does_not_exist', message })
  expect(() => rawRecord(ledger, 99, 0)).toThrow(missing('There is no raw block 99.'))
  expect(() => rawRecord(ledger, 1, 99)).toThrow(missing('The raw block 1 has no row 99.'))
})
