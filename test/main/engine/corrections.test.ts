/** Corrections by a person: reverse, take the later of two, keep the first, and the history of one record. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CsvMapping } from '../../../src/contract/sources.ts'
import type { Month } from '../../../src/domain/period.ts'
import { d } from '../../domain/pricing/cards.ts'
import {
  type EventRow,
  events,
  focus,
  type House,
  totalOf as invoiced,
  openHouse,
  runMonth,
  sell,
  verify,
} from './house.ts'

const SEPTEMBER = '2026-09' as Month
const OCTOBER = '2026-10' as Month

let house: House
beforeEach(async () => {
  house = await openHouse()
})
afterEach(() => house.close())

const FIRST: EventRow = ['1', 'calls', 'acme', '2026-09-10T00:00:00Z', '5']
const LATER: EventRow = ['1', 'calls', 'acme', '2026-09-10T00:00:00Z', '7']

const totalOf = async (month: Month, metric = 'calls'): Promise<string> =>
  (await house.client.explain.usage({ metric, month })).total

/** The newest entry of a kind. */
const newest = async (kind: 'usage' | 'cost' | 'document' = 'usage') => {
  const [row] = (await house.client.ledger.search({ kind, limit: 1 })).rows
  if (row === undefined) throw new Error(`the book has no ${kind}`)
  return row
}

const lastBatch = async () => {
  const [batch] = (await house.client.ledger.batches({ limit: 1 })).rows
  if (batch === undefined) throw new Error('the book has no batch')
  return batch
}

const close = (month: Month) => house.client.reconcile.close({ month, reason: 'test' })

/** `kind amount month reason` of each step, newest first. */
const stepsOf = async (seq: number): Promise<string[]> =>
  (await house.client.ledger.history({ seq })).steps.map(
    ({ kind, amount, month, reason }) => `${kind} ${amount ?? '–'} ${month ?? '–'} ${reason ?? '–'}`,
  )

describe('reversing usage', () => {
  test('takes it off its month, in a batch of the person with the reason', async () => {
    await house.take('a.jsonl', events([FIRST, ['2', 'calls', 'acme', '2026-09-11T00:00:00Z', '100']]))
    const { rows } = await house.client.ledger.search({ text: '5', kind: 'usage' })
    const seq = rows[0]?.seq ?? 0
    const done = await house.client.ledger.reverse({ seq, reason: 'a load test, not a customer' })
    expect(done.sentence).toBe(
      `Entry u${seq} was reversed (u${done.reversalSeq}): 5 calls of tenant acme are taken off September 2026.`,
    )
    expect(await totalOf(SEPTEMBER)).toBe('100')
    expect(await lastBatch()).toMatchObject({
      batchId: done.batchId,
      kind: 'correction',
      title: `Reversal of u${seq}: a load test, not a customer`,
      author: 'Ada',
      counts: { rows: 0, reversed: 1 },
    })
    const history = await house.client.ledger.history({ seq })
    expect(history.standing).toEqual({
      seq: null,
      entryId: null,
      sentence: `Nothing of it counts any more: it was reversed in batch ${done.batchId}.`,
    })
    expect(await stepsOf(seq)).toEqual([
      'reversed -5 2026-09 a load test, not a customer',
      'posted 5 2026-09 –',
    ])
    // The history of a record is the same from whichever of its entries it is asked.
    expect((await house.client.ledger.history({ seq: done.reversalSeq ?? 0 })).steps).toEqual(history.steps)
    expect(await verify(house)).toMatchObject({ ok: true, cubeAgrees: true })
  })

  test('of a closed month counts in the next open one; the closed month stays', async () => {
    await house.take('a.jsonl', events([FIRST]))
    await close(SEPTEMBER)
    const { seq } = await newest()
    const done = await house.client.ledger.reverse({ seq, reason: 'wrong tenant' })
    expect(done.sentence).toBe(
      `Entry u${seq} was reversed (u${done.reversalSeq}). September 2026 is closed, so that 5 calls of tenant acme are taken off October 2026.`,
    )
    expect([await totalOf(SEPTEMBER), await totalOf(OCTOBER)]).toEqual(['5', '-5'])
    expect((await house.client.ledger.history({ seq })).standing.sentence).toBe(
      `Nothing of it counts any more: it was reversed in batch ${done.batchId}. In all it adds 5 calls in September 2026 and −5 calls in October 2026.`,
    )
  })

  test.each([
    ['on its own', {}],
    ['after free events', { freeEvents: 1 }],
  ])(
    'gives back what the event cost %s, percent and fee, in its month and in a later one',
    async (_, free) => {
      await house.take(
        'a.jsonl',
        events([
          ['1', 'calls', 'acme', '2026-09-10T00:00:00Z', '5'],
          ['2', 'calls', 'acme', '2026-09-11T00:00:00Z', '100'],
          ['3', 'calls', 'acme', '2026-09-12T00:00:00Z', '200'],
          ['4', 'calls', 'acme', '2026-09-13T00:00:00Z', '300'],
        ]),
      )
      const charge = {
        kind: 'percentage',
        id: 'p',
        name: 'Payments',
        metric: 'calls',
        percent: d('10'),
      } as const
      await sell(
        house.client,
        { id: 'acme' },
        { id: 'list', charges: [{ ...charge, fixedPerEvent: d('1'), ...free }] },
      )
      const reverse = async (text: string) => {
        const { rows } = await house.client.ledger.search({ text, kind: 'usage' })
        await house.client.ledger.reverse({ seq: rows[0]?.seq ?? 0, reason: 'x' })
      }
      await reverse('200')
      await runMonth(house, SEPTEMBER)
      // 10 + 1 and 30 + 1, and 0.5 + 1 unless it is free.
      expect(await invoiced(house.client, '2026-09.acme')).toBe('freeEvents' in free ? '42' : '43.5')
      await close(SEPTEMBER)
      await reverse('300')
      await runMonth(house, OCTOBER)
      expect(await invoiced(house.client, '2026-10.acme')).toBe('-31')
    },
  )

  test('of a maximum in a closed month changes no figure, and says so', async () => {
    await house.take('a.jsonl', events([['1', 'peak', 'acme', '2026-09-10T00:00:00Z', '40']]), {
      metrics: [{ metric: 'peak', name: 'Peak', unit: 'unit', aggregation: 'max', scale: 0 }],
    })
    await close(SEPTEMBER)
    const { seq } = await newest()
    const done = await house.client.ledger.reverse({ seq, reason: 'x' })
    expect(done.sentence).toBe(
      `Entry u${seq} was reversed (u${done.reversalSeq}). September 2026 is closed, and Peak is no sum, so that its figure stays as it was.`,
    )
    expect([await totalOf(SEPTEMBER, 'peak'), await totalOf(OCTOBER, 'peak')]).toEqual(['40', '0'])
    expect(await stepsOf(seq)).toEqual(['reversed -40 – x', 'posted 40 2026-09 –'])
  })

  test('is refused for what can’t be reversed, and nothing is changed', async () => {
    await house.take('a.jsonl', events([FIRST]))
    await house.take('b.jsonl', events([LATER]))
    const { seq } = await newest()
    const { batchId, reversalSeq } = await house.client.ledger.reverse({ seq, reason: 'x' })
    const document = await newest('document')
    const [conflict] = await house.client.ledger.conflicts({})
    const head = (await house.client.book.status()).head
    for (const [asked, sentence] of [
      [
        seq,
        `Entry u${seq} was reversed already, by entry u${reversalSeq} in batch ${batchId}. Nothing was changed.`,
      ],
      [
        reversalSeq ?? 0,
        `Entry u${reversalSeq} is itself the reversal of entry u${seq}, and a reversal stands. Nothing was changed. Import the record again, and it counts again.`,
      ],
      [
        document.seq,
        `Entry ${document.seq} is a decision or setting, not usage or cost. Nothing was changed. Change it on its screen, and the newer version counts.`,
      ],
      [
        conflict?.seq ?? 0,
        `Entry ${conflict?.seq} is no usage and no cost, so that there is nothing to take off. Nothing was changed.`,
      ],
      [999_999, 'There is no entry 999999. Nothing was changed.'],
    ] as const)
      await expect(house.client.ledger.reverse({ seq: asked, reason: 'x' })).rejects.toThrow(
        expect.objectContaining({ message: sentence }),
      )
    await expect(house.client.ledger.reverse({ seq, reason: '  ' })).rejects.toThrow()
    expect((await house.client.book.status()).head).toEqual(head)
  })

  test('lets the record come again: it counts again, and the history says so', async () => {
    await house.take('a.jsonl', events([FIRST]))
    const { seq } = await newest()
    await house.client.ledger.reverse({ seq, reason: 'by mistake' })
    expect(await house.take('a.jsonl', events([FIRST]))).toMatchObject({
      added: 1,
      duplicate: 0,
      replaced: 0,
      sentence:
        'a.jsonl: 1 row read, 1 row added. 1 entry had been reversed and counts again; reverse it once more where that is wrong, and mend the source.',
    })
    expect(await totalOf(SEPTEMBER)).toBe('5')
    expect(await stepsOf(seq)).toEqual([
      'returned 5 2026-09 –',
      'reversed -5 2026-09 by mistake',
      'posted 5 2026-09 –',
    ])
    const { standing } = await house.client.ledger.history({ seq })
    expect(standing.sentence).toBe(
      `Entry u${standing.seq} stands: 5 calls of tenant acme, counted in September 2026.`,
    )
  })
})

describe('reversing cost', () => {
  const A = { day: '2026-09-05', service: 'EC2', billed: '12.34' }
  const B = { day: '2026-09-06', service: 'S3', billed: '1' }
  const billed = async (month: Month) => (await house.client.explain.cost({ month, filters: [] })).billed

  test('leaves the bill short until a newer delivery says what is right', async () => {
    await house.take('1.csv', focus([A, B]))
    const [row] = (await house.client.ledger.search({ text: '12.34', kind: 'cost' })).rows
    const seq = row?.seq ?? 0
    const done = await house.client.ledger.reverse({ seq, reason: 'disputed' })
    expect(done.sentence).toBe(
      `Entry c${seq} was reversed (c${done.reversalSeq}): 12.34 USD are taken off September 2026. The ledger now differs by it from the bill of AWS 1; a newer delivery of the bill that still has the line brings it back, one that lacks it leaves it reversed.`,
    )
    expect(await billed(SEPTEMBER)).toBe('1')
    const [bill] = (await house.client.reconcile.month({ month: SEPTEMBER })).bills
    expect(bill).toMatchObject({ ledgerBilled: '1', fileTotal: '13.34', difference: '-12.34' })

    // The provider gave in: the newer delivery lacks the line, and there is nothing left to reverse.
    expect(await house.take('2.csv', focus([B]))).toMatchObject({ added: 0, duplicate: 1 })
    expect(await billed(SEPTEMBER)).toBe('1')
    // The provider insists: the line comes back.
    expect(await house.take('3.csv', focus([A, B]))).toMatchObject({ added: 1, duplicate: 1 })
    expect(await billed(SEPTEMBER)).toBe('13.34')
    expect(await stepsOf(seq)).toEqual([
      'returned 12.34 2026-09 –',
      'reversed -12.34 2026-09 disputed',
      'posted 12.34 2026-09 –',
    ])
  })

  test('of a closed month counts in the next open one', async () => {
    await house.take('1.csv', focus([A, B]))
    await close(SEPTEMBER)
    const [row] = (await house.client.ledger.search({ text: '12.34', kind: 'cost' })).rows
    const done = await house.client.ledger.reverse({ seq: row?.seq ?? 0, reason: 'credit agreed' })
    expect(done.sentence).toContain('12.34 USD are taken off October 2026 (the bill’s own month is closed).')
    expect([await billed(SEPTEMBER), await billed(OCTOBER)]).toEqual(['13.34', '-12.34'])
  })

  test('by a newer delivery is told from one by a person', async () => {
    await house.take('1.csv', focus([A, B]))
    const [row] = (await house.client.ledger.search({ text: '12.34', kind: 'cost' })).rows
    await house.take('2.csv', focus([B]))
    const { steps } = await house.client.ledger.history({ seq: row?.seq ?? 0 })
    expect(steps[0]).toMatchObject({
      kind: 'reversed',
      reason: null,
      sentence: `Reversed: the newer delivery 2.csv no longer has it, so that entry c${row?.seq} is taken off.`,
    })
  })
})

describe('a conflict', () => {
  const conflictOf = async (state: 'open' | 'answered' | 'all' = 'open') => {
    const [conflict] = await house.client.ledger.conflicts({ state })
    if (conflict === undefined) throw new Error('there is no conflict')
    return conflict
  }

  test('is answered by the later record: the difference counts, and both point at the first', async () => {
    await house.take('a.jsonl', events([FIRST]))
    await house.take('b.jsonl', events([LATER]))
    const conflict = await conflictOf()
    const done = await house.client.ledger.takeConflict({
      seq: conflict.seq,
      note: 'the collector was corrected',
    })
    expect(done.sentence).toBe(
      `The later record counts now, as entry u${done.postedSeq}; entry u${conflict.existingSeq} was reversed for it (u${done.reversalSeq}).`,
    )
    expect(await totalOf(SEPTEMBER)).toBe('7')
    const { history, standing, steps } = await house.client.ledger.history({ seq: conflict.existingSeq })
    expect(history.map(({ amount, correction, corrects }) => [amount, correction, corrects])).toEqual([
      ['5', null, null],
      ['-5', 'reversal', conflict.existingSeq],
      ['7', 'restatement', conflict.existingSeq],
    ])
    expect(standing.seq).toBe(done.postedSeq)
    expect(await stepsOf(conflict.existingSeq)).toEqual([
      'restated 7 2026-09 the collector was corrected',
      'reversed -5 2026-09 –',
      'conflict_met – – –',
      'posted 5 2026-09 –',
    ])
    expect(steps[0]?.sentence).toBe(
      'Restated: 7 calls of tenant acme in the place of 5 calls of tenant acme, a difference of +2.',
    )
    for (const step of steps) {
      expect(step.digest).toMatch(/^[0-9a-f]{16}$/)
      expect(step.batchHash).toMatch(/^[0-9a-f]{64}$/)
      expect([step.author, step.recordedMs]).toEqual(['Ada', house.clock.nowMs()])
    }
    expect(await lastBatch()).toMatchObject({
      kind: 'correction',
      title: 'Restatement by a record of b.jsonl, row 1: the collector was corrected',
    })
    expect(await house.client.ledger.conflicts({})).toEqual([])
    expect(await conflictOf('answered')).toMatchObject({
      state: 'restated',
      note: 'the collector was corrected',
      answer: { batchId: done.batchId, author: 'Ada', entrySeq: done.postedSeq },
    })
    expect((await house.client.book.status()).openConflicts).toBe(0)
    await expect(house.client.ledger.takeConflict({ seq: conflict.seq, note: 'again' })).rejects.toThrow(
      `The conflict ${conflict.seq} was answered already, in batch ${done.batchId}: the later record was taken. Nothing was changed.`,
    )
    // Both files again: what they say is known, and what was decided stays decided.
    expect(await house.take('b.jsonl', events([LATER]))).toMatchObject({ added: 0, duplicate: 1 })
    expect(await house.take('a.jsonl', events([FIRST]))).toMatchObject({ added: 0, conflict: 1 })
    expect(await totalOf(SEPTEMBER)).toBe('7')
    expect(await verify(house)).toMatchObject({ ok: true, cubeAgrees: true })
  })

  test('of a closed month: the difference counts in the next open one', async () => {
    await house.take('a.jsonl', events([FIRST]))
    await house.take('b.jsonl', events([LATER]))
    await close(SEPTEMBER)
    const conflict = await conflictOf()
    const done = await house.client.ledger.takeConflict({ seq: conflict.seq, note: 'x' })
    expect(done.sentence).toContain(
      'September 2026 is closed, so that the difference counts in October 2026.',
    )
    expect([await totalOf(SEPTEMBER), await totalOf(OCTOBER)]).toEqual(['5', '2'])
    expect((await house.client.ledger.history({ seq: conflict.existingSeq })).standing.sentence).toBe(
      `Entry u${done.postedSeq} stands: 7 calls of tenant acme, counted in October 2026. In all it adds 5 calls in September 2026 and 2 calls in October 2026.`,
    )
  })

  test('with two later records: each is taken in its turn, and points at the one it takes the place of', async () => {
    const third: EventRow = ['1', 'calls', 'bolt', '2026-10-10T00:00:00Z', '9']
    await house.take('a.jsonl', events([FIRST]))
    await house.take('b.jsonl', events([LATER, third]))
    const [second, first] = await house.client.ledger.conflicts({})
    const one = await house.client.ledger.takeConflict({ seq: first?.seq ?? 0, note: 'first' })
    const two = await house.client.ledger.takeConflict({ seq: second?.seq ?? 0, note: 'second' })
    const { history } = await house.client.ledger.history({ seq: one.postedSeq ?? 0 })
    expect(history.map(({ seq, corrects }) => [seq, corrects]).slice(-2)).toEqual([
      [two.reversalSeq, one.postedSeq],
      [two.postedSeq, one.postedSeq],
    ])
    expect([await totalOf(SEPTEMBER), await totalOf(OCTOBER)]).toEqual(['0', '9'])
  })

  test('after the first was reversed: the later one counts, and nothing else is taken off', async () => {
    await house.take('a.jsonl', events([FIRST]))
    await house.take('b.jsonl', events([LATER]))
    const conflict = await conflictOf()
    await house.client.ledger.reverse({ seq: conflict.existingSeq, reason: 'wrong' })
    const done = await house.client.ledger.takeConflict({ seq: conflict.seq, note: 'right' })
    expect(done.sentence).toBe(
      `The later record counts now, as entry u${done.postedSeq}; nothing else counted under its id.`,
    )
    expect(await totalOf(SEPTEMBER)).toBe('7')
    expect(await stepsOf(conflict.existingSeq)).toEqual([
      'returned 7 2026-09 right',
      'reversed -5 2026-09 wrong',
      'conflict_met – – –',
      'posted 5 2026-09 –',
    ])
  })

  test('is answered by keeping the first, with a note; it stays answered when the record comes again', async () => {
    await house.take('a.jsonl', events([FIRST]))
    await house.take('b.jsonl', events([LATER]))
    const conflict = await conflictOf()
    const { batchId } = await house.client.ledger.keepFirst({
      seqs: [conflict.seq],
      note: 'a retry with a bug',
    })
    expect(await lastBatch()).toMatchObject({
      batchId,
      kind: 'correction',
      title: 'Conflict answered by keeping the first: a retry with a bug',
      counts: { answered: 1 },
    })
    expect(await stepsOf(conflict.existingSeq)).toEqual([
      'first_kept – – a retry with a bug',
      'conflict_met – – –',
      'posted 5 2026-09 –',
    ])
    expect(await house.take('b.jsonl', events([LATER]))).toMatchObject({ added: 0, conflict: 1 })
    expect((await house.client.book.status()).openConflicts).toBe(0)
    for (const answer of [
      house.client.ledger.keepFirst({ seqs: [conflict.seq], note: 'x' }),
      house.client.ledger.takeConflict({ seq: conflict.seq, note: 'x' }),
    ])
      await expect(answer).rejects.toThrow(
        `The conflict ${conflict.seq} was answered already, in batch ${batchId}: the first was kept. Nothing was changed.`,
      )
    await expect(house.client.ledger.keepFirst({ seqs: [77], note: 'x' })).rejects.toThrow(
      'There is no conflict 77. Nothing was changed.',
    )
    await expect(house.client.ledger.takeConflict({ seq: 77, note: 'x' })).rejects.toThrow(
      'There is no conflict 77.',
    )
  })

  test('of a CSV is read again with its header and its mapping', async () => {
    const mapping: CsvMapping = {
      tenant: { column: 'who' },
      metric: { fixed: 'calls' },
      quantity: { column: 'n' },
      time: { column: 'at', format: 'iso', timeZone: 'UTC' },
      id: 'id',
      dimensions: ['note'],
    }
    const csv = (n: string) => `id;who;n;at;note\n1;acme;${n};2026-09-10T00:00:00Z;"a, ""b"" \n; c"`
    await house.take('a.csv', csv('5'), { kind: 'csv', mapping })
    await house.take('b.csv', csv('7'), { kind: 'csv', mapping })
    const conflict = await conflictOf()
    const done = await house.client.ledger.takeConflict({ seq: conflict.seq, note: 'x' })
    const posted = await house.client.explain.record({ seq: done.postedSeq ?? 0 })
    expect(posted.fields).toContainEqual({ name: 'dimension note', value: 'a, "b" \n; c' })
    expect(await totalOf(SEPTEMBER)).toBe('7')
  })

  test('that can’t be counted any more is refused in the words of what is wrong, and stays open', async () => {
    await house.take('a.jsonl', events([FIRST]))
    await house.take('b.jsonl', events([['1', 'calls', 'acme', '2026-11-10T11:00:00Z', '7']]))
    const conflict = await conflictOf()
    house.clock.set('2026-11-01T00:00:00Z')
    await expect(house.client.ledger.takeConflict({ seq: conflict.seq, note: 'x' })).rejects.toThrow(
      /^The record can’t be counted as it is: b\.jsonl, row 1.*Nothing was changed\.$/,
    )
    expect((await conflictOf()).seq).toBe(conflict.seq)
    expect(await totalOf(SEPTEMBER)).toBe('5')
  })
})

describe('an import with --same-id restate', () => {
  test('replaces what earlier files said under the same ids, and points at it', async () => {
    await house.take('a.jsonl', events([FIRST, ['2', 'calls', 'acme', '2026-09-11T00:00:00Z', '1']]))
    const result = await house.take(
      'b.jsonl',
      events([LATER, ['2', 'calls', 'acme', '2026-09-11T00:00:00Z', '1']]),
      { sameId: 'restate' },
    )
    expect(result).toMatchObject({
      rows: 2,
      added: 1,
      duplicate: 1,
      conflict: 0,
      replaced: 1,
      sentence: 'b.jsonl: 2 rows read, 1 row added (1 in the place of an older value), 1 already there.',
    })
    expect(await totalOf(SEPTEMBER)).toBe('8')
    const { history } = await house.client.ledger.history({ seq: (await newest()).seq })
    expect(history.map(({ amount, correction }) => [amount, correction])).toEqual([
      ['5', null],
      ['-5', 'reversal'],
      ['7', 'restatement'],
    ])
    // The same file again changes nothing.
    const head = (await house.client.book.status()).head.entries
    expect(await house.take('b.jsonl', events([LATER]), { sameId: 'restate' })).toMatchObject({
      added: 0,
      duplicate: 1,
      replaced: 0,
    })
    expect((await house.client.book.status()).head.entries).toBe(head)
  })

  test('of a closed month: reversal and newer value count in the next open one', async () => {
    await house.take('a.jsonl', events([FIRST]))
    await close(SEPTEMBER)
    expect(await house.take('b.jsonl', events([LATER]), { sameId: 'restate' })).toMatchObject({
      replaced: 1,
      late: 1,
    })
    expect([await totalOf(SEPTEMBER), await totalOf(OCTOBER)]).toEqual(['5', '2'])
  })

  test('does not choose between two records of one file: the second is a conflict, whatever came before', async () => {
    const both = events([FIRST, LATER])
    expect(await house.take('a.jsonl', both, { sameId: 'restate' })).toMatchObject({ added: 1, conflict: 1 })
    expect(await totalOf(SEPTEMBER)).toBe('5')
    expect(await house.take('a.jsonl', both, { sameId: 'restate' })).toMatchObject({
      added: 0,
      duplicate: 1,
      conflict: 1,
      replaced: 0,
    })
    expect(await totalOf(SEPTEMBER)).toBe('5')
    expect(await house.client.ledger.conflicts({})).toHaveLength(1)
  })

  test('is proposed by the preview for files whose records have ids', async () => {
    const { fileId } = await house.client.files.openPath({ path: house.file('a.jsonl', events([FIRST])) })
    const preview = await house.client.imports.preview({ fileId, options: {} })
    expect(preview.options.sameId).toBe('conflict')
    const chosen = await house.client.imports.preview({ fileId, options: { sameId: 'restate' } })
    expect(chosen.options.sameId).toBe('restate')
  })
})

test('a quarantined record that was mended has its rejection in its history', async () => {
  const wrong = events([FIRST]).replace('"value":"5"', '"value":"five"')
  await house.take('a.jsonl', wrong)
  const [open] = (await house.client.ledger.quarantine({})).rows
  await house.client.ledger.replay({ seq: open?.seq ?? 0, raw: events([FIRST]) })
  const { seq, batchId } = await newest()
  const { quarantined, steps } = await house.client.ledger.history({ seq })
  expect(quarantined).toMatchObject({
    seq: open?.seq,
    state: 'replayed',
    raw: wrong,
    answer: { batchId, author: 'Ada', entrySeq: seq },
  })
  expect(steps.map(({ kind, sentence }) => [kind, sentence])).toEqual([
    ['replayed', 'Mended, replayed and posted: 5 calls of tenant acme.'],
    ['quarantined', `Rejected: ${open?.message}`],
  ])
  const answered = (await house.client.ledger.quarantine({ state: 'answered' })).rows
  expect(answered[0]?.answer?.entrySeq).toBe(seq)
})
