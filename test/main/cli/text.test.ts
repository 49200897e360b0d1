import { describe, expect, test } from 'vitest'
import { blocks, count, counted, instant, number, percent, plain, table } from '../../../src/main/cli/text.ts'

describe('numbers', () => {
  test.each([
    ['5.9883937432', '5.9883937432'],
    ['1312869333', '1,312,869,333'],
    ['-1234.5', '−1,234.5'],
    ['0', '0'],
    [null, '–'],
  ])('%s is shown as %s', (given, shown) => {
    expect(number(given)).toBe(shown)
  })

  test('counts, percentages and instants', () => {
    expect(count(5000)).toBe('5,000')
    expect([counted(1, 'row'), counted(2, 'entry', 'entries')]).toEqual(['1 row', '2 entries'])
    expect([percent('12.5'), percent(null)]).toEqual(['12.5 %', '–'])
    expect([instant(Date.UTC(2026, 9, 31, 14, 5)), instant(null)]).toEqual(['2026-10-31 14:05 UTC', '–'])
  })
})

test('text of records cannot command a terminal', () => {
  expect(plain('a\u001b[2Jb\rc\u009bd\ne')).toBe('a [2Jb c d e')
  expect(table([{ title: 'Tenant' }], [['x\u001b[31m']])).toBe('Tenant\n------\nx [31m')
})

describe('tables', () => {
  test('text on the left, numbers on the right, the total under a rule, no spaces at the end of lines', () => {
    const shown = table(
      [{ title: 'Service' }, { title: 'Billed', right: true }, { title: '' }],
      [
        ['Amazon S3', '0.0004808947', 'USD'],
        ['Zürich – Überwachung', '12', ''],
      ],
      ['Total', '12.0004808947', ''],
    )
    expect(shown).toBe(
      [
        'Service                      Billed',
        '--------------------  -------------  ---',
        'Amazon S3              0.0004808947  USD',
        'Zürich – Überwachung             12',
        '--------------------  -------------  ---',
        'Total                 12.0004808947',
      ].join('\n'),
    )
  })

  test('a total without rows needs no second rule', () => {
    expect(table([{ title: '' }, { title: 'Total', right: true }], [], ['Total', '5,000'])).toBe(
      '       Total\n-----  -----\nTotal  5,000',
    )
  })

  test('blocks leave out what is empty', () => {
    expect(blocks('a', null, '', 'b')).toBe('a\n\nb')
  })
})
