import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DecimalText, sumDecimals } from '../../../../src/domain/decimal.ts'
import {
  blockingChecks,
  type CloseCheck,
  identityGap,
  identityHolds,
  printedTotal,
  progressWords,
  readTypedTotal,
} from '../../../../src/renderer/screens/reconcile/words.ts'

const check = (state: CloseCheck['state'], blocking = true): CloseCheck => ({
  id: state,
  title: state,
  state,
  sentence: '',
  blocking,
  link: '/',
})

test.each([
  ['148215.20', '148215.2'],
  ['148,215.20', '148215.2'],
  ['1 204 331.5', '1204331.5'],
  ['  12 ', '12'],
  ['−3.10', '-3.1'],
  ['-1,000', '-1000'],
  ['0', '0'],
  ['0.0000000031', '0.0000000031'],
  ['1E-9', '0.000000001'],
  ['', null],
  ['   ', null],
])('a total typed as “%s” is read as %s', (typed, total) => {
  expect(readTypedTotal(typed)).toEqual({ ok: true, total })
})

test.each(['1.204,50', '148215,20', '1,20', '1,2345', '1,234 567', 'USD 12', '12 %', '--1', '.'])(
  'a total typed as “%s” is refused, never guessed',
  (typed) => {
    expect(readTypedTotal(typed)).toEqual({
      ok: false,
      sentence: `“${typed}” is no amount. Type it like 148215.20, with a point before the cents.`,
    })
  },
)

test('any amount of cents is read back from how it is printed, grouped or not', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), (cents) => {
      const whole = (cents / 100n).toString()
      const printed = `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${(cents % 100n).toString().padStart(2, '0')}`
      expect(readTypedTotal(printed)).toEqual(readTypedTotal(printed.replaceAll(',', '')))
    }),
  )
})

test.each([
  // attributed, unattributed, ledger, gap
  ['121904.11', '3911.02', '125815.13', '0'],
  ['0.1', '0.2', '0.3', '0'],
  ['100', '0', '100.01', '0.01'],
  ['100', '1', '100.5', '-0.5'],
])('attributed %s and unattributed %s of %s lack %s', (attributed, unattributed, ledgerBilled, gap) => {
  const bill = { attributed, unattributed, ledgerBilled } as {
    attributed: DecimalText
    unattributed: DecimalText
    ledgerBilled: DecimalText
  }
  expect(identityGap(bill)).toBe(gap)
  expect(identityHolds(bill)).toBe(gap === '0')
  expect(sumDecimals([bill.attributed, bill.unattributed, identityGap(bill)])).toBe(ledgerBilled)
})

test('only open checks that block need a reason', () => {
  const open = check('open')
  expect(blockingChecks([check('passed'), open, check('open', false), check('not_applicable')])).toEqual([
    open,
  ])
})

test('progress is said in words', () => {
  expect(progressWords([check('passed'), check('passed'), check('open'), check('not_applicable')])).toBe(
    '2 of 4 checks passed, 1 open, 1 not applicable',
  )
  expect(progressWords([check('passed')])).toBe('1 of 1 checks passed')
})

test.each([
  ['3531', 'USD', '3531.00'],
  ['148215.2', 'USD', '148215.20'],
  ['0.0000000031', 'USD', '0.0000000031'],
  ['1200', 'JPY', '1200'],
])('a saved total of %s %s is shown as %s, and read back the same', (total, currency, printed) => {
  expect(printedTotal(total as DecimalText, currency)).toBe(printed)
  expect(readTypedTotal(printed)).toEqual({ ok: true, total })
})
