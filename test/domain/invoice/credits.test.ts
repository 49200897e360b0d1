/** Tax, prepaid credit and top-ups: what turns net into due. */
import { describe, expect, test } from 'vitest'
import type { ContractBalances, Invoice } from '../../../src/domain/invoice/invoice.ts'
import { d } from '../pricing/cards.ts'
import { CALL, contractOf, grant, invoiceOf, run, STORE } from './contracts.ts'

describe('tax and credits', () => {
  const settled = (invoice: Invoice) => (invoice.settlement ?? []).map(({ id, amount: value }) => [id, value])
  const vat = { kind: 'external' as const, name: 'VAT', percent: d('20') }
  test('credits pay with tax, or before it', () => {
    const contract = contractOf({ tax: vat, credits: [grant('g', '50')] })
    const after = invoiceOf(contract, '2026-01', { 'api.calls': '100' })
    expect([after.total, settled(after), after.due]).toEqual([
      '100',
      [
        ['VAT', '20'],
        ['g', '-50'],
      ],
      '70',
    ])
    const before = invoiceOf({ ...contract, settings: { creditsApply: 'before_tax' } }, '2026-01', {
      'api.calls': '100',
    })
    expect([before.total, settled(before), before.due]).toEqual([
      '100',
      [
        ['g', '-50'],
        ['VAT', '10'],
      ],
      '60',
    ])
  })
  test('by priority, then what expires first; each in its scope', () => {
    const credits = [
      grant('never', '30'),
      grant('soon', '30', { expiresDay: '2026-02-01' }),
      grant('first', '10', { priority: 0 }),
      grant('storage', '99', { priority: 0, scope: ['storage'] }),
    ]
    const invoice = invoiceOf(
      contractOf({ credits }),
      '2026-01',
      { 'api.calls': '50', storage: '5' },
      { charges: [CALL, STORE] },
    )
    expect(settled(invoice)).toEqual([
      ['first', '-10'],
      ['storage', '-4.09'],
      ['soon', '-30'],
      ['never', '-10.91'],
    ])
    expect(invoice.due).toBe('0')
  })
  test('a grant that expires lapses and is said', () => {
    const credits = [grant('soon', '30', { expiresDay: '2026-02-01' })]
    const [first, second] = run(contractOf({ credits }), ['10', '10'])
    expect(first?.issues.map(({ message }) => message)).toEqual([
      '20.00 USD of soon (contract acme-1) were left when it expired on 2026-02-01: they lapse.',
    ])
    expect([first?.due, second?.due ?? second?.total]).toEqual(['0', '10'])
  })
  test('a trial’s credit holds in every month that has a day of the trial, and in no other', () => {
    const duesOf = (days: number) =>
      run(contractOf({ trial: { kind: 'credit', amount: d('150'), days } }), ['100', '100', '100']).map(
        ({ due, total }) => due ?? total,
      )
    expect([duesOf(31), duesOf(32), duesOf(1)]).toEqual([
      ['0', '100', '100'],
      ['0', '50', '100'],
      ['0', '100', '100'],
    ])
  })
  test('of a grant that an amendment changes, what was drawn stays drawn', () => {
    const first = contractOf({ credits: [grant('g', '100')] })
    const [january] = run(first, ['60'])
    const leftIn = (amount: string) => {
      const amended = contractOf({
        credits: [grant('g', amount)],
        amendment: { effectiveDay: '2026-02-01', note: 'another amount' },
      })
      const opening = january?.balances?.[0] ?? null
      const february = invoiceOf(amended, '2026-02', { 'api.calls': '5' }, { earlier: [first], opening })
      return [february.due, february.balances?.[0]?.credits?.[0]?.left]
    }
    // 40 are left of 100: 60 of 120, 20 of 80, and nothing of 50.
    expect([leftIn('100'), leftIn('120'), leftIn('80'), leftIn('50')]).toEqual([
      ['0', '35'],
      ['0', '55'],
      ['0', '15'],
      [undefined, '0'],
    ])
  })
  test('a grant that is taken away and comes back is not granted twice', () => {
    const versions = [[grant('g', '100')], [], [grant('g', '100')]].map((credits, index) =>
      contractOf({
        credits,
        ...(index === 0 ? {} : { amendment: { effectiveDay: `2026-0${index + 1}-01`, note: 'credit' } }),
      }),
    )
    let opening: ContractBalances | null = null
    const dues = versions.map((contract, index) => {
      const earlier = versions.slice(0, index)
      const invoice = invoiceOf(contract, `2026-0${index + 1}`, { 'api.calls': '60' }, { earlier, opening })
      opening = invoice.balances?.[0] ?? null
      return invoice.due ?? invoice.total
    })
    expect(dues).toEqual(['0', '60', '20'])
  })
  test('a top-up when little is left, drawn from the next month on', () => {
    const contract = contractOf({
      credits: [grant('g', '100')],
      topUp: { threshold: d('50'), amount: d('80'), expiresMonths: null },
    })
    const invoices = run(contract, ['60', '100', '10'])
    expect(invoices.map(({ total, due }) => [total, due])).toEqual([
      ['60', '80'],
      ['100', '80'],
      ['10', '0'],
    ])
  })
  test('what was paid for credit is recognised in full when it is drawn', () => {
    const contract = contractOf({ credits: [grant('g', '100', { costBasis: d('10') })] })
    const bases = run(contract, ['33', '33', '34']).map(({ settlement }) => settlement?.[0]?.costBasis)
    expect(bases).toEqual(['3.3', '3.3', '3.4'])
  })
  test('and rounded as the contract says', () => {
    const basisOf = (rounding: 'half_even' | 'half_up') =>
      run(contractOf({ credits: [grant('g', '8', { costBasis: d('1') })], settings: { rounding } }), ['1'])[0]
        ?.settlement?.[0]?.costBasis
    expect([basisOf('half_even'), basisOf('half_up')]).toEqual(['0.12', '0.13'])
  })
})
