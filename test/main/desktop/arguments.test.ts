import { expect, test } from 'vitest'
import { readArguments } from '../../../src/main/desktop/arguments.ts'

test.each([
  ['nothing', [], { book: null, demo: false }],
  ['a source folder', ['.'], { book: null, demo: false }],
  ['an absolute folder', ['--book', '/books/acme'], { book: '/books/acme', demo: false }],
  ['a folder beside the caller', ['.', '--book', 'acme'], { book: '/home/ann/acme', demo: false }],
  ['with an equals sign', ['--book=/books/a b'], { book: '/books/a b', demo: false }],
  ['without its folder', ['--book'], { book: null, demo: false }],
  ['demo', ['.', 'demo'], { book: null, demo: true }],
  ['demo as an option', ['--demo', '--no-open'], { book: null, demo: true }],
  ['what the system adds', ['--type=x', '--original-process-start-time=1'], { book: null, demo: false }],
])('%s', (_, argv, wanted) => {
  expect(readArguments(argv, '/home/ann')).toEqual(wanted)
})
