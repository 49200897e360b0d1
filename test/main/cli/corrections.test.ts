/** Corrections from the command line: what contradicts is answered, an entry reversed, its history told. */
import { expect, test } from 'vitest'
import { runHere, temporaryFolder, writeDocument } from './support.ts'

const event = (id: string, value: number): string =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: 'test',
    type: 'calls',
    subject: 'acme',
    time: '2020-10-01T00:00:00Z',
    data: { value },
  })

test('a book’s contradictions are listed, taken or kept, and everything is told as history', {
  timeout: 300_000,
}, async () => {
  const folder = temporaryFolder()
  const cli = async (code: number, ...args: string[]) => {
    const ended = await runHere(folder, ...args, '--book', folder)
    expect({ args, code: ended.code, err: ended.err }).toMatchObject({ args, code })
    return ended
  }
  const json = async (code: number, ...args: string[]) => JSON.parse((await cli(code, ...args, '--json')).out)
  await cli(0, 'init', '--name', 'Test', '--currency', 'USD', '--time-zone', 'UTC')
  await cli(0, 'import', 'usage', writeDocument(folder, 'a.jsonl', [event('1', 5), event('2', 3)].join('\n')))
  await cli(0, 'import', 'usage', writeDocument(folder, 'b.jsonl', [event('1', 7), event('2', 4)].join('\n')))

  const { conflicts } = await json(0, 'conflicts', 'list')
  const [one, two] = conflicts as { seq: number; existingSeq: number }[]
  expect((await cli(0, 'conflicts', 'list')).out).toContain(
    `The record has the id of entry ${one?.existingSeq} but another quantity.`,
  )
  const taken = await json(0, 'conflicts', 'take', String(one?.seq), '--note', 'corrected')
  expect(taken.sentence).toBe(
    `The later record counts now, as entry u${taken.postedSeq}; entry u${one?.existingSeq} was reversed for it (u${taken.reversalSeq}).`,
  )
  expect((await cli(0, 'conflicts', 'keep', String(two?.seq), '--note', 'a retry')).out).toBe(
    '1 conflict answered: the first is kept.\n',
  )
  expect((await cli(0, 'conflicts', 'list')).out).toBe('No conflict is open.\n')
  expect((await cli(0, 'conflicts', 'list', '--all')).out).toMatch(
    /taken +corrected[\s\S]*first kept +a retry/,
  )
  expect((await json(1, 'conflicts', 'take', String(two?.seq), '--note', 'x')).error).toMatchObject({
    code: 'record_is_answered_already',
  })

  const reversed = await cli(0, 'reverse', `u${taken.postedSeq}`, '--reason', 'a test run')
  expect(reversed.out).toContain('7 calls of tenant acme are taken off October 2020.')
  const history = (await cli(0, 'history', `u${one?.existingSeq}`)).out
  expect(history.split('\n')[0]).toMatch(/^Nothing of it counts any more: it was reversed in batch \d+\.$/)
  expect(
    [
      ...history
        .split('\n')
        .slice(1)
        .join('\n')
        .matchAll(/ (reversed|restated|conflict|posted) /g),
    ].map(([, word]) => word),
  ).toEqual(['reversed', 'restated', 'reversed', 'conflict', 'posted'])
  expect(history).toContain('a test run')

  // The value that a newer file brings replaces the older.
  expect(
    (await cli(0, 'import', 'usage', writeDocument(folder, 'c.jsonl', event('2', 9)), '--same-id', 'restate'))
      .out,
  ).toContain('1 row added (1 in the place of an older value)')

  expect((await cli(1, 'reverse', '999', '--reason', 'x')).err).toBe(
    'There is no entry 999. Nothing was changed.\n',
  )
  expect((await cli(2, 'reverse', 'x12', '--reason', 'x')).err).toBe(
    'An entry is named by its number, like u12, c12 or 12, not "x12".\n',
  )
  await cli(2, 'reverse', '12')
})
