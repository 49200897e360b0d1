import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { bookFolder, demoFolder } from '../../../src/main/cli/book-folder.ts'
import { progressText } from '../../../src/main/cli/jobs.ts'
import { buildProgram } from '../../../src/main/cli/program.ts'
import { ioOf, runHere, temporaryFolder } from './support.ts'

const leaves = (command: Command, path: string): string[] => {
  const named = command.commands.filter((each) => each.name() !== 'help')
  return named.length === 0 ? [path] : named.flatMap((each) => leaves(each, `${path} ${each.name()}`.trim()))
}

describe('wrong use ends with 2, refusals with 1', () => {
  test.each([
    [[], 2, /^Usage: countinghouse/],
    [['nonsense'], 2, /unknown command 'nonsense'/],
    [['usage'], 2, /required option '--metric <metric>' not specified/],
    [['verify', '--colour'], 2, /unknown option '--colour'/],
    [['verify', 'extra'], 2, /too many arguments/],
    [['import', 'cost'], 2, /missing required argument 'file'/],
    [['margin', '--month', '2026-13'], 2, /argument '2026-13' is invalid. Expected a month, like 2026-10\./],
    [
      ['usage', '--metric', 'm', '--month', '2026-10', '--from', '2026-09'],
      2,
      /'--month <month>' cannot be used with option '--from <month>'/,
    ],
    [['usage', '--metric', 'm', '--grain', 'week'], 2, /Allowed choices are hour, day, month\./],
    [['serve', '--port', '0x'], 2, /A port is a whole number from 0 to 65535, not "0x"\./],
    [['verify'], 1, /^There is no book in .*Make one there with "init", or name its folder with --book\.\n$/],
    [['explain', 'u1'], 1, /^There is no book in /],
  ])('%j ends with %i', async (args, code, message) => {
    const folder = temporaryFolder()
    const ended = await runHere(folder, ...args)
    expect(ended).toMatchObject({ code, out: '' })
    expect(ended.err).toMatch(message)
    // Whatever was wrong, nothing was made.
    expect(readdirSync(folder)).toEqual([])
  })

  test('with --json the failure is the one document on stdout', async () => {
    const folder = temporaryFolder()
    const refused = await runHere(folder, 'verify', '--json')
    expect(JSON.parse(refused.out)).toEqual({
      error: { code: 'book_does_not_exist', message: refused.err.trim(), issues: [] },
    })
    const wrong = await runHere(folder, 'export', '--json')
    expect(JSON.parse(wrong.out)).toEqual({
      error: { code: 'wrong_use', message: 'Name a command.', issues: [] },
    })
  })

  test.each([
    [['--help'], /Exit code: 0 done/],
    [['--version'], /^\d+\.\d+\.\d+\n$/],
    [['usage', '--help'], /--book <dir>/],
  ])('%j is no error', async (args, shown) => {
    const ended = await runHere(temporaryFolder(), ...args)
    expect(ended).toMatchObject({ code: 0, err: '' })
    expect(ended.out).toMatch(shown)
  })
})

test('every command is in docs/cli.md, and none that is not there', () => {
  const program = buildProgram({ io: ioOf('/', { out: '', err: '' }), exitCode: 0 })
  const documented = [
    ...readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8').matchAll(/^\| `([^`]+)` \|/gm),
  ]
  expect(documented.map(([, name]) => name).toSorted()).toEqual(leaves(program, '').toSorted())
})

test('openapi needs no book and writes a document of version 3.1', async () => {
  const folder = temporaryFolder()
  const printed = await runHere(folder, 'openapi')
  expect(printed.code).toBe(0)
  const document = JSON.parse(printed.out) as { openapi: string; paths: Record<string, unknown> }
  expect(document.openapi).toMatch(/^3\.1\./)
  expect(Object.keys(document.paths)).toContain('/cost/query')
  const written = await runHere(folder, 'openapi', '--out', 'api.json', '--json')
  expect(JSON.parse(written.out)).toEqual({ file: join(folder, 'api.json') })
  expect(JSON.parse(readFileSync(join(folder, 'api.json'), 'utf8'))).toEqual(document)
})

describe('folders', () => {
  const io = {
    environment: {},
    homeDirectory: '/home/ada',
    workingDirectory: '/work',
    platform: 'linux' as const,
  }

  test.each([
    [undefined, {}, '/home/ada/Documents/Countinghouse'],
    [undefined, { COUNTINGHOUSE_BOOK: '' }, '/home/ada/Documents/Countinghouse'],
    [undefined, { COUNTINGHOUSE_BOOK: '/books/a' }, '/books/a'],
    ['b', { COUNTINGHOUSE_BOOK: '/books/a' }, '/work/b'],
  ])('--book %s with %j', (given, environment, folder) => {
    expect(bookFolder(given, { ...io, environment })).toBe(folder)
  })

  test.each([
    [undefined, 'linux', '/home/ada/.config/Countinghouse-demo/book'],
    [undefined, 'darwin', '/home/ada/Library/Application Support/Countinghouse-demo/book'],
    ['d', 'linux', '/work/d'],
  ] as const)(
    'the demo with --book %s on %s, whatever COUNTINGHOUSE_BOOK says',
    (given, platform, folder) => {
      expect(demoFolder(given, { ...io, platform, environment: { COUNTINGHOUSE_BOOK: '/books/a' } })).toBe(
        folder,
      )
    },
  )

  test('the demo leaves a folder that holds something else as it is', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'ledger.sqlite'), 'mine')
    const ended = await runHere(folder, 'demo', '--book', folder)
    expect(ended.code).toBe(1)
    expect(ended.err).toMatch(
      /holds something other than the demo book\. It was left as it is; name an empty folder\.\n$/,
    )
    expect(readFileSync(join(folder, 'ledger.sqlite'), 'utf8')).toBe('mine')
    expect(existsSync(join(folder, 'book.lock'))).toBe(false)
  })
})

test.each([
  [
    { done: 12_000, total: 50_000, unit: 'rows', secondsLeft: 2.2 },
    'Import of a.csv: 12,000 of 50,000 rows, 3 s left',
  ],
  [{ done: 7, total: null, unit: 'entries', secondsLeft: null }, 'Import of a.csv: 7 entries'],
])('progress %j', (progress, text) => {
  expect(
    progressText({ title: 'Import of a.csv', progress: { ...progress, perSecond: null, text: '' } }),
  ).toBe(text)
})
