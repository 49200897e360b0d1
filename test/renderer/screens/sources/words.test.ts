import { expect, test } from 'vitest'
import { spanInWords } from '../../../../src/renderer/screens/sources/words.ts'

const HOUR = 3_600_000

test.each([
  { span: -5, words: '0 minutes' },
  { span: 60_000, words: '1 minute' },
  { span: 2 * HOUR - 1, words: '119 minutes' },
  { span: 2 * HOUR, words: '2 hours' },
  { span: 47 * HOUR, words: '47 hours' },
  { span: 48 * HOUR, words: '2 days' },
  { span: 26 * 24 * HOUR, words: '26 days' },
  { span: 100 * 24 * HOUR, words: '3 months' },
  { span: 4206 * 24 * HOUR, words: '11 years' },
])('$span ms is $words', ({ span, words }) => {
  expect(spanInWords(span)).toBe(words)
})
