import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { events, openHouse, verify } from './house.ts'

test('verify says that the index of keys does not fit, and makes it anew', async () => {
  const house = await openHouse()
  onTestFinished(house.close)
  const content = events(
    [1, 2, 3].map((i) => [`e${i}`, 'calls', 'acme', '2026-10-01T00:00:00Z', `${i}`] as const),
  )
  await house.take('a.jsonl', content)
  expect(await verify(house)).toMatchObject({ ok: true })
  const other = new Database(join(house.directory, 'ledger.sqlite'))
  other.exec('UPDATE usage_key_part SET bytes = zeroblob(length(bytes)), first_fingerprint = 0')
  other.close()
  const found = await verify(house)
  expect(found).toMatchObject({ ok: false, fault: { table: 'usage_key_run', batchId: null, seq: null } })
  expect(found.sentence).toMatch(
    /^The ledger does not fit: The index of the keys .* The entries themselves are whole\. The index was made anew from them now; verify again\.$/,
  )
  expect(await verify(house)).toMatchObject({ ok: true, cubeAgrees: true })
  expect(await house.take('b.jsonl', `${content}\n`)).toMatchObject({ added: 0, duplicate: 3 })
})
