/** The recipe of docs/ledger.md, followed to the letter with `sqlite3`, `sha256sum`, `zstd` and `python3`. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { entryLineSql, HEADER_LINE_SQL } from '../../src/main/ledger/canonical-line.ts'
import { LEDGER_FILE, openLedgerForReading, openLedgerForWriting } from '../../src/main/ledger/open.ts'
import { readUsage } from '../../src/main/ledger/read-usage.ts'
import { ENTRY_TABLES } from '../../src/main/ledger/schema.ts'
import {
  batch,
  contentKey,
  deliverUsage,
  origin,
  tamper,
  temporaryFolder,
  usageFields,
} from '../main/ledger/book.ts'
import { fullBook } from '../main/ledger/full-book.ts'

const PAGE = readFileSync(new URL('../../docs/ledger.md', import.meta.url), 'utf8')
/** The page's blocks of a language, in order. */
const blocks = (language: string): readonly string[] =>
  [...PAGE.matchAll(new RegExp(`\\n\`\`\`${language}\\n(.*?)\\n\`\`\``, 'gs'))].map(([, text = '']) => text)
const [LINES = '', ORDER = ''] = blocks('sql')
const [HASHES = '', BYTES = ''] = blocks('sh')
const [DECODE = ''] = blocks('python')

/** A folder with a copy of the ledger and the view, as the page tells the reader to make. */
const workplace = (file: string): string => {
  const folder = temporaryFolder()
  copyFileSync(file, join(folder, LEDGER_FILE))
  writeFileSync(join(folder, 'lines.sql'), `${LINES}\n`)
  writeFileSync(join(folder, 'decode.py'), `${DECODE}\n`)
  return folder
}

const run = (folder: string, command: string): string => {
  try {
    return execFileSync('bash', ['-c', command], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (error) {
    // sha256sum --check ends with 1 where bytes were changed; what it printed is what the reader sees.
    return String((error as { stdout?: string }).stdout)
  }
}
const order = (folder: string): string =>
  run(folder, `sqlite3 -readonly -init lines.sql ledger.sqlite "$(cat <<'END'\n${ORDER}\nEND\n)" 2>/dev/null`)

/** A book with an entry in every table, a page of events far apart and one with a quantity of 63 bits. */
const book = async () => {
  const ledger = await fullBook()
  await deliverUsage(ledger, ['"quoted" \\ text', 'Grüße, 会計 \u2028 👍', 'line\nfeed'])
  await batch(ledger, (appender) => {
    for (let i = 0; i < 5000; i++)
      appender.usageById(
        contentKey(`far ${i}`),
        usageFields(appender, {
          quantity: BigInt(i) ** 5n,
          startMs: 1_700_000_000_000 + i * 3_600_000,
          endMs: i % 3 === 0 ? 1_800_000_000_000 : null,
        }),
        origin(`far ${i}`),
      )
    appender.usageById(
      contentKey('huge'),
      usageFields(appender, { quantity: -(2n ** 63n) + 1n, setNo: null }),
      origin('huge'),
    )
  })
  ledger.database.pragma('wal_checkpoint(TRUNCATE)')
  return ledger
}

test('the page has the lines of all tables, as the program computes them', () => {
  for (const table of ENTRY_TABLES) expect(LINES).toContain(`${entryLineSql(table)} AS line FROM ${table}`)
  expect(LINES).toContain(`${HEADER_LINE_SQL} AS line FROM batch`)
})

test('a whole book passes every step', async () => {
  const folder = workplace((await book()).file)
  expect(run(folder, HASHES)).toBe('')
  expect(order(folder)).toBe('')
  expect(run(folder, BYTES)).toBe('')
  expect(readdirSync(join(folder, 'bytes')).length).toBeGreaterThan(5)
})

test('a book of version 1 passes them once it is opened', () => {
  const made = temporaryFolder()
  mkdirSync(made, { recursive: true })
  writeFileSync(
    join(made, LEDGER_FILE),
    gunzipSync(readFileSync(new URL('../fixtures/ledger-v1.sqlite.gz', import.meta.url))),
  )
  const ledger = openLedgerForWriting(made, { program: 'test 2' })
  ledger.database.pragma('wal_checkpoint(TRUNCATE)')
  const folder = workplace(ledger.file)
  expect(run(folder, HASHES)).toBe('')
  expect(order(folder)).toBe('')
  expect(run(folder, BYTES)).toBe('')
})

test.each<[string, string, RegExp, 'hashes' | 'order' | 'bytes']>([
  ['an amount changed', "UPDATE cost_entry SET billed_cost = '9'", /^batch 1 does not fit/, 'hashes'],
  [
    'a header changed',
    "UPDATE batch SET author = 'eve' WHERE batch_id = 2",
    /^batch 2 does not fit/,
    'hashes',
  ],
  ['a batch exchanged', 'UPDATE batch SET previous_hash = hash WHERE batch_id = 2', /^batch 2\n/, 'order'],
  ['an entry removed', 'DELETE FROM document', /^batch 1\n/, 'order'],
  [
    'an entry added',
    "INSERT INTO tenant SELECT 1000000, 1, 9, 'x', digest FROM tenant LIMIT 1",
    /entry 1000000/,
    'order',
  ],
  [
    'raw bytes changed',
    'UPDATE raw_block SET bytes = zeroblob(9) WHERE block_no = 1',
    /raw_block-\d+: FAILED/,
    'bytes',
  ],
  ['a page changed', 'UPDATE usage_page SET bytes = zeroblob(9)', /usage_page-\d+: FAILED/, 'bytes'],
])('%s is seen', async (_, statement, words, step) => {
  const ledger = await book()
  tamper(ledger, statement)
  ledger.database.pragma('wal_checkpoint(TRUNCATE)')
  const folder = workplace(ledger.file)
  const found = {
    hashes: () => run(folder, HASHES),
    order: () => order(folder),
    bytes: () => run(folder, BYTES),
  }
  expect(found[step]()).toMatch(words)
})

test('a page decoded by the script of the page holds what the program reads', async () => {
  const ledger = await book()
  const folder = workplace(ledger.file)
  run(folder, BYTES)
  const reading = openLedgerForReading(ledger.directory)
  const pages = readdirSync(join(folder, 'bytes')).filter((name) => name.startsWith('usage_page-'))
  let events = 0
  for (const name of pages) {
    const first = Number(name.slice('usage_page-'.length))
    const lines = run(folder, `python3 decode.py bytes/${name}`).trimEnd().split('\n')
    for (const [i, line] of lines.entries()) {
      const stored = readUsage(reading, first + i)
      if (stored === null) throw new Error(`there is no event ${first + i}`)
      const read = JSON.parse(line.replace(/"quantity": (-?\d+)/, '"quantity": "$1"')) as Record<
        string,
        unknown
      >
      expect(read).toEqual({
        tenant_no: stored.tenantNo,
        measure_no: stored.measureNo,
        quantity: stored.quantity.toString(),
        start_ms: stored.startMs,
        end_ms: stored.endMs,
        posted_ms: stored.postedMs,
        set_no: stored.setNo ?? 0,
        block_row: stored.blockRow,
        event_key: Buffer.from(stored.eventKey).toString('hex'),
      })
      events++
    }
  }
  expect(events).toBeGreaterThan(5000)
  reading.database.close()
})
