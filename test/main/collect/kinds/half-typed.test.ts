/** Fields are read while they are typed, to show the permissions: whatever stands in them, reading says what is wrong. */
import { expect, test } from 'vitest'
import { COLLECTORS } from '../../../../src/main/collect/kinds/kinds.ts'

const HALF_TYPED = [
  '',
  ' ',
  'h',
  'http:',
  'http://',
  'postgres://',
  '{',
  '[',
  '(',
  '1e',
  '-',
  '2026-',
  '\u{1F600}',
]

const asConfigured = (kind: string, text: string): unknown =>
  kind === 'yes_no' ? text !== '' : kind === 'lines' ? [text] : kind === 'table' ? [{ a: text }] : text

test.each(COLLECTORS)('$kind', ({ fields, config, permissions }) => {
  const typed = fields.filter(({ kind }) => kind !== 'secret')
  const initial = typed.map(({ key, kind, initial: text = '' }) => [
    key,
    kind === 'table' ? JSON.parse(text || '[]') : asConfigured(kind, text),
  ])
  for (const { key, kind } of typed)
    for (const text of HALF_TYPED) {
      const given = { ...Object.fromEntries(initial), [key]: asConfigured(kind, text) }
      const read = config.safeParse(given)
      expect(permissions(read.success ? read.data : null).sentence).toMatch(/\w/)
    }
})
