import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { unpacked } from '../../../../src/main/collect/kinds/objects/unpack.ts'

test.each([
  ['plain', Buffer.from('one\ntwo\n')],
  ['packed', gzipSync('one\ntwo\n')],
])('%s: who stops reading closes what is read from', async (_kind, bytes) => {
  let isClosed = false
  const source = (async function* () {
    try {
      for (;;) yield bytes
    } finally {
      isClosed = true
    }
  })()
  for await (const _piece of unpacked(source, 'key')) break
  await new Promise((done) => setImmediate(done))
  expect(isClosed).toBe(true)
})
