import { describe, expect, test } from 'vitest'
import type { Invoice } from '../../../src/domain/invoice/invoice.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { cardOf, d } from '../pricing/cards.ts'
import { amounts, CALL, contractOf, fee, invoiceOf, run, STORE } from './contracts.ts'

describe('the term', () => {
  test('a ramp, an uplift, and the ramp’s fees', () => {
    const contract = contractOf({
      ramp: [{ fromMonth: 2, multiplier: d('0.5'), fees: { fee: d('30') } }],
      uplift: { percent: d('10'), everyMonths: 3 },
    })
    const charges = [CALL, fee('20')]
    expect(run(contract, ['100', '100', '100', '100'], { charges }).map(amounts)).toEqual([
      [
        ['calls', '100'],
        ['fee', '20'],
      ],
      [
        ['calls', '50'],
        ['fee', '15'],
      ],
      [
        ['calls', '50'],
        ['fee', '15'],
      ],
      [
        ['calls', '55'],
        ['fee', '16.5'],
      ],
    ])
  })
  test('an amendment from a day before the contract’s first changes no day before it', () => {
    const first = contractOf({ startDay: '2026-01-16' })
    const amended = contractOf({
      startDay: '2026-01-16',
      discountPercent: d('50'),
      amendment: { effectiveDay: '2026-01-10', note: 'half' },
    })
    const invoice = invoiceOf(amended, '2026-01', {}, { charges: [fee('62')], earlier: [first] })
    // 16 of 31 days, at half.
    expect(amounts(invoice)).toEqual([['fee', '16']])
  })
  test('an uplift compounds, and says how often', () => {
    const contract = contractOf({ uplift: { percent: d('10'), everyMonths: 1 } })
    const multipliers = run(contract, ['100', '100', '100']).map(({ lines }) =>
      lines[0]?.steps.flatMap(({ kind, text, amount }) =>
        kind === 'multiplier' ? [`${text}: ${amount}`] : [],
      ),
    )
    expect(multipliers).toEqual([
      [],
      ['× 1.1 (uplift of 10 %): 10'],
      ['× 1.21 (uplift of 10 %, 2 times): 21'],
    ])
  })
  test('free months cost nothing, and owe no commitment', () => {
    const contract = contractOf({ freeMonths: [1], monthlyCommitment: d('150') })
    expect(run(contract, ['100', '100']).map(({ total }) => total)).toEqual(['0', '150'])
  })
  test('the days of a trial are taken off', () => {
    const contract = contractOf({ trial: { kind: 'days', days: 10 } })
    const invoice = invoiceOf(contract, '2026-01', { 'api.calls': '100' }, { charges: [CALL, fee('31')] })
    // 100 calls on the trial's days and 100 on the others.
    expect(amounts(invoice)).toEqual([
      ['calls', '100'],
      ['fee', '21'],
    ])
  })
  test('an amendment holds from its day on', () => {
    const before = contractOf({ discountPercent: d('0') })
    const after = contractOf({
      discountPercent: d('50'),
      amendment: { effectiveDay: '2026-01-17', note: '' },
    })
    const total = (month: string) =>
      invoiceOf(after, month, {}, { charges: [fee('31')], earlier: [before] }).total
    expect(['2025-12', '2026-01', '2026-02'].map((month) => total(month))).toEqual(['0', '23.5', '15.5'])
  })
  test('a pinned version, charges of its own, another currency', () => {
    const card = cardOf(['2020-01-01', [CALL]], ['2026-01-01', [{ ...CALL, unitAmount: d('2') } as Charge]])
    const total = (changes: object) =>
      invoiceOf(contractOf(changes), '2026-01', { 'api.calls': '10' }, { card }).total
    expect(total({})).toBe('20')
    expect(total({ rateCardVersion: 1 })).toBe('10')
    expect(total({ charges: [{ ...CALL, unitAmount: d('3') } as Charge] })).toBe('30')
    const [first] = card.versions
    if (first === undefined) throw new Error()
    const inYen = {
      ...card,
      versions: [{ ...first, otherCurrencies: { JPY: [{ ...CALL, unitAmount: d('150.55') } as Charge] } }],
    }
    const yen = invoiceOf(contractOf({ currency: 'JPY' }), '2026-01', { 'api.calls': '1' }, { card: inYen })
    expect([yen.currency, yen.total]).toEqual(['JPY', '151'])
  })
})

describe('commitments', () => {
  const quarter = { id: 'q', name: 'Quarter', amount: d('300'), period: 'quarter' as const, counts: null }
  test.each([
    ['299.99', '0.01'],
    ['300', undefined],
    ['300.01', undefined],
  ])('a quarter of %s', (storage, trueUp) => {
    const contract = contractOf({ commitments: [quarter] })
    let opening: Invoice | undefined
    for (const [month, quantity] of [
      ['2026-01', storage],
      ['2026-02', '0'],
      ['2026-03', '0'],
    ] as const)
      opening = invoiceOf(
        contract,
        month,
        { storage: quantity },
        { charges: [STORE], opening: opening?.balances?.[0] ?? null },
      )
    expect(opening?.lines.find(({ kind }) => kind === 'true_up')?.amount).toBe(trueUp)
  })
  test('the last month of the contract ends the period, by its months and days', () => {
    const contract = contractOf({ startDay: '2026-01-17', endDay: '2026-03-01', commitments: [quarter] })
    expect(run(contract, ['10', '20']).map(({ total }) => total)).toEqual(['10', '138.39'])
  })
  test('a term that an amendment makes longer ends when the amendment says, in months before it too', () => {
    const terms = {
      commitments: [{ id: 'k', name: 'K', amount: d('500'), period: 'term' as const, counts: null }],
    }
    const first = contractOf({ ...terms, endDay: '2026-02-01' })
    const longer = contractOf({
      ...terms,
      endDay: '2026-04-01',
      amendment: { effectiveDay: '2026-02-01', note: 'two months more' },
    })
    const totals = run(longer, ['100', '100', '100'], { earlier: [first] }).map(({ total }) => total)
    expect(totals).toEqual(['100', '100', '300'])
    expect(run(first, ['100']).map(({ total }) => total)).toEqual(['500'])
  })
  test('overage costs more from the commitment on', () => {
    const contract = contractOf({ commitments: [{ ...quarter, overageMultiplier: d('1.5') }] })
    expect(run(contract, ['200', '150', '100']).map(({ total }) => total)).toEqual(['200', '175', '150'])
  })
  test('what is due exactly between two cents is rounded as such', () => {
    // 2,255 ÷ 12 for 21 of 30 days, and twice 141.26 ÷ 12: 155.085.
    const contract = contractOf({
      startDay: '2026-11-10',
      endDay: '2027-02-01',
      commitments: [{ ...quarter, id: 'year', period: 'year', amount: d('2255') }],
      ramp: [{ fromMonth: 2, commitments: { year: d('141.26') } }],
    })
    expect(run(contract, ['0', '0', '0']).map(({ total }) => total)).toEqual(['0', '0', '155.08'])
  })
  test('a term of 14 months renews, and each has its commitment', () => {
    const contract = contractOf({
      endDay: '2027-03-01',
      renewal: { kind: 'renews', months: 2 },
      commitments: [{ ...quarter, period: 'term', amount: d('1500') }],
    })
    const totals = run(
      contract,
      Array.from({ length: 16 }, () => '100'),
    ).map(({ total }) => total)
    expect([totals[12], totals[13], totals[14], totals[15]]).toEqual(['100', '200', '100', '1400'])
  })
})
