import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { readEvents } from '../../../../src/main/collect/files/cloudevents.ts'
import { createDecoder } from '../../../../src/main/collect/files/encoding.ts'
import { type OpenedFile, openFile } from '../../../../src/main/collect/files/open-file.ts'
import { exhaust, fixture, NOW_MS } from './helpers.ts'

const folder = mkdtempSync(join(tmpdir(), 'files-'))
afterAll(() => rmSync(folder, { recursive: true }))

const write = (name: string, bytes: Buffer | string) => {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}
const textOf = async (file: OpenedFile) => {
  let text = ''
  for await (const piece of file.text) text += piece
  return text
}

describe('openFile', () => {
  test('a missing file and a folder are refusals, not exceptions', async () => {
    const missing = readEvents(await openFile(join(folder, 'none.jsonl')), { nowMs: NOW_MS })
    await exhaust(missing)
    expect(missing.refused).toBe(true)
    expect(missing.issues.map((issue) => issue.message)).toEqual([
      'none.jsonl: the file cannot be read (there is no such file); nothing was imported. Check the path and its permissions.',
    ])
    const opened = await openFile(folder, { name: 'folder' })
    expect(opened.condition.refusal?.message).toBe(
      'folder: the file cannot be read (it is a folder); nothing was imported. Check the path and its permissions.',
    )
  })

  test('gzip cut anywhere yields a beginning of the text, and says that it was cut', async () => {
    const text = Array.from(
      { length: 5_000 },
      (_, i) => `line ${i} ${(i * 2_654_435_761) % 4_294_967_296}`,
    ).join('\n')
    const packed = gzipSync(text)
    for (const length of [20, 1_000, 16_384, 16_385, packed.length - 8, packed.length - 1]) {
      const file = await openFile(write('cut.gz', packed.subarray(0, length)))
      const got = await textOf(file)
      expect([length, text.startsWith(got), file.condition.damage?.code]).toEqual([
        length,
        true,
        'gzip_truncated',
      ])
      expect(file.sha256()).not.toBeNull()
      // Deflate holds back no more than a block's beginning.
      if (length === packed.length - 8) expect(got).toBe(text)
    }
  })

  test('gzip members in sequence are one text', async () => {
    const file = await openFile(write('two.gz', Buffer.concat([gzipSync('one\n'), gzipSync('two\n')])))
    expect(await textOf(file)).toBe('one\ntwo\n')
    expect(file.condition.damage).toBeNull()
  })

  test('zeros may pad a gzip file, but nothing may follow them unseen', async () => {
    const packed = gzipSync('one\n')
    const zeros = Buffer.alloc(40_000)
    const padded = await openFile(write('padded.gz', Buffer.concat([packed, zeros])))
    expect(await textOf(padded)).toBe('one\n')
    expect(padded.condition.damage).toBeNull()
    for (const more of [packed, Buffer.from('{"two": 2}\n')]) {
      for (const parts of [
        [packed, zeros, more],
        [packed, zeros.subarray(0, 1), more],
      ]) {
        const file = await openFile(write('followed.gz', Buffer.concat(parts)))
        await textOf(file)
        expect(file.condition.damage).toEqual({ code: 'gzip_damaged', detail: 'something follows its end' })
        expect(file.sha256()).not.toBeNull()
      }
    }
  })

  test('the rows of a cut gzip are exactly the whole lines before the cut', async () => {
    const whole = readFileSync(fixture('awkward/truncated.jsonl.gz'))
    const file = await openFile(write('rows.gz', whole))
    const text = await textOf(file)
    const { entries } = await exhaust(readEvents(await openFile(join(folder, 'rows.gz')), { nowMs: NOW_MS }))
    expect(entries.map((entry) => entry.raw)).toEqual(text.split('\n').slice(0, -1))
  })

  test('an aborted reading throws the reason', async () => {
    const controller = new AbortController()
    const file = await openFile(write('long.jsonl', 'x'.repeat(1_000_000)), { signal: controller.signal })
    const taking = (async () => {
      for await (const _ of file.text) controller.abort(new Error('the user cancelled'))
    })()
    await expect(taking).rejects.toThrow('the user cancelled')
    expect(file.sha256()).toBeNull()
  })
})

test('text survives any cutting into pieces, in each encoding', () => {
  const pieces = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 20 })
  const encodings = fc.constantFrom('utf8' as const, 'utf16le' as const)
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), encodings, pieces, (text, encoding, lengths) => {
      const well = text.toWellFormed()
      const bytes = Buffer.from(`\uFEFF${well}`, encoding)
      const decoder = createDecoder(bytes)
      let got = ''
      // The first piece holds the BOM whole, as the head of a file does.
      for (let at = 0, i = 0; at < bytes.length; i += 1) {
        const length = at === 0 ? 4 : (lengths[i % lengths.length] ?? 1)
        got += decoder.decode(bytes.subarray(at, at + length))
        at += length
      }
      expect(got + decoder.end()).toBe(well)
      if (!well.includes('\uFFFD')) expect(decoder.replaced()).toBe(false)
    }),
  )
})
