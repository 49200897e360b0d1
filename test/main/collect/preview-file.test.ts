/** What a file is said to be before anything is imported. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { CsvMapping, ReadOptions } from '../../../src/contract/sources.ts'
import type { Currency } from '../../../src/domain/money.ts'
import { type PreviewContext, previewFile } from '../../../src/main/collect/preview-file.ts'

const root = mkdtempSync(join(tmpdir(), 'countinghouse-preview-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const FIXTURES = join(import.meta.dirname, '../../fixtures')
const context = (change: Partial<PreviewContext> = {}): PreviewContext => ({
  nowMs: Date.UTC(2026, 10, 10),
  currency: 'USD' as Currency,
  timeZone: 'UTC',
  costBasis: 'billed',
  metrics: [],
  mappings: [],
  attribute: () => null,
  entriesOfBill: () => 0,
  importedBefore: () => null,
  ...change,
})
const preview = (path: string, options: ReadOptions = {}, change: Partial<PreviewContext> = {}) =>
  previewFile(
    { fileId: 'f', path, name: path.split('/').at(-1) ?? '', size: statSync(path).size },
    options,
    context(change),
  )
const written = (name: string, text: string): string => {
  const path = join(root, name)
  writeFileSync(path, text)
  return path
}

describe('the sample files', () => {
  test('FOCUS: its bills, and what the rules would attribute', async () => {
    const seen = await preview(
      join(FIXTURES, 'focus-1.0-sample.csv'),
      {},
      {
        attribute: ({ tags }) =>
          tags?.application === undefined ? null : { ruleId: 'r', tenant: tags.application },
        entriesOfBill: () => 3,
      },
    )
    expect(seen).toMatchObject({ kind: 'focus', rowsRead: 500, wholeFile: true, issues: [], newMetrics: [] })
    const units = (text: string) => {
      const [whole = '', fraction = ''] = text.replace('-', '').split('.')
      return (text.startsWith('-') ? -1n : 1n) * BigInt(whole + fraction.padEnd(18, '0'))
    }
    const total = 5_988_393_743_200_000_000n
    expect(seen.bills.reduce((sum, { billed }) => sum + units(billed), 0n)).toBe(total)
    expect(seen.bills.reduce((sum, { rows }) => sum + rows, 0)).toBe(500)
    expect(seen.bills.every(({ inLedger }) => inLedger === 3)).toBe(true)
    const { attributed = '0', unattributed = '0' } = seen.attribution ?? {}
    expect(units(attributed) + units(unattributed)).toBe(total)
    expect(units(attributed)).not.toBe(0n)
  })

  test('access log: two metrics, and no mapping to choose', async () => {
    const seen = await preview(join(FIXTURES, 'apache-access.log'))
    expect(seen).toMatchObject({
      kind: 'access_log',
      rowsRead: 5_000,
      wholeFile: true,
      bills: [],
      attribution: null,
    })
    expect(seen.newMetrics.map(({ metric, unit, scale }) => `${metric} ${unit} ${scale}`)).toEqual([
      'http.requests request 0',
      'http.response.bytes byte 0',
    ])
    expect(seen.options).toMatchObject({ kind: 'access_log', source: 'Access logs' })
  })
})

const MAPPING: CsvMapping = {
  tenant: { column: 'w' },
  metric: { fixed: 'calls' },
  quantity: { column: 'n' },
  time: { column: 't', format: 'iso', timeZone: 'UTC' },
  dimensions: [],
}

describe('CSV', () => {
  const puzzling = written('puzzling.csv', 'w,t,n\nacme,2026-10-01,5\n')

  test('with a header that tells nothing asks for the columns', async () => {
    const seen = await preview(puzzling)
    expect(seen).toMatchObject({
      kind: 'csv',
      header: ['w', 't', 'n'],
      sample: [['acme', '2026-10-01', '5']],
      rowsRead: 0,
    })
    expect(seen.issues).toMatchObject([{ severity: 'error', code: 'mapping_is_needed' }])
    expect(seen.issues[0]?.message).toMatch(
      /^puzzling\.csv: which columns hold .+ can’t be told from the header \(w, t, n\)\./,
    )
  })

  test('takes the mapping given, or the one saved for this very header', async () => {
    const given = await preview(puzzling, { mapping: MAPPING })
    expect(given.records).toMatchObject([{ row: 2, what: 'calls', tenant: 'acme', amount: '5' }])
    const saved = await preview(puzzling, {}, { mappings: [{ header: ['w', 't', 'n'], mapping: MAPPING }] })
    expect(saved.records).toEqual(given.records)
    expect(saved.reason).toContain('A saved mapping fits its header.')
    const other = await preview(puzzling, {}, { mappings: [{ header: ['w', 'n', 't'], mapping: MAPPING }] })
    expect(other.issues).toHaveLength(1)
  })
})

test('what is no file of ours is said to be none', async () => {
  const seen = await preview(written('letter.txt', 'Dear Sir,\nplease find enclosed\n'))
  expect(seen).toMatchObject({ kind: 'unknown', records: [] })
  expect(seen.issues).toMatchObject([{ severity: 'error', code: 'kind_is_unknown' }])
})

test('a file that was imported before is recognised by its bytes', async () => {
  const path = written(
    'a.jsonl',
    '{"specversion":"1.0","id":"1","source":"s","type":"calls","subject":"a","time":"2026-10-01T00:00:00Z"}\n',
  )
  const hashes: string[] = []
  const seen = await preview(
    path,
    {},
    {
      importedBefore: (sha256) => {
        hashes.push(sha256)
        return { batchId: 7, recordedMs: 1 }
      },
    },
  )
  expect(seen.importedBefore).toEqual({ batchId: 7, recordedMs: 1 })
  expect(hashes).toHaveLength(1)
  expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/)
})
