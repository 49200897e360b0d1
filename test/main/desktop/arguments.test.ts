import { expect, test } from 'vitest'
import { readArguments } from '../../../src/main/desktop/arguments.ts'

test.each([
  ['nothing', [], { book: null, demo: false, readOnly: false }],
  ['a source folder', ['.'], { book: null, demo: false, readOnly: false }],
  ['an absolute folder', ['--book', '/books/acme'], { book: '/books/acme', demo: false, readOnly: false }],
  [
    'a folder beside the caller',
    ['.', '--book', 'acme'],
    { book: '/home/ann/acme', demo: false, readOnly: false },
  ],
  ['with an equals sign', ['--book=/books/a b'], { book: '/books/a b', demo: false, readOnly: false }],
  ['without its folder', ['--book'], { book: null, demo: false, readOnly: false }],
  ['demo', ['.', 'demo'], { book: null, demo: true, readOnly: false }],
  ['demo as an option', ['--demo', '--no-open'], { book: null, demo: true, readOnly: false }],
  [
    'for reading only',
    ['--book', '/books/acme', '--read-only'],
    { book: '/books/acme', demo: false, readOnly: true },
  ],
  [
    'what the system adds',
    ['--type=x', '--original-process-start-time=1'],
    { book: null, demo: false, readOnly: false },
  ],
])('%s', (_, argv, wanted) => {
  expect(readArguments(argv, '/home/ann')).toEqual(wanted)
})
