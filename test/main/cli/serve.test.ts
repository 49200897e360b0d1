import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readTokenFile } from '../../../src/main/cli/serve.ts'
import { answer, run, runHere, startServing, temporaryFolder } from './support.ts'

test('an empty folder is served too, so that the book can be made on the screen; --json tells one document', async () => {
  const book = ['--book', join(temporaryFolder(), 'book')]
  const server = await startServing(['serve', '--json', ...book])
  // Only who made the folder's lock may be asked; there is no book yet.
  expect(await answer(1, 'verify', ...book)).toMatchObject({ error: { code: 'no_book' } })
  const ended = await server.stop('SIGTERM')
  expect(ended).toMatchObject({ code: 0, err: '' })
  expect(JSON.parse(ended.out)).toMatchObject({ url: server.url, directory: book[1] })
})

test('the token keeps strangers out, and stays the same with --token-file', async () => {
  const folder = temporaryFolder()
  const args = ['serve', '--book', join(folder, 'book'), '--token-file', join(folder, 'token')]
  const first = await startServing(args)
  const { origin, searchParams } = new URL(first.url)
  expect((await fetch(`${origin}/api/book`)).status).toBe(401)
  const headers = { authorization: `Bearer ${searchParams.get('token')}` }
  expect((await fetch(`${origin}/api/book`, { headers })).status).toBe(200)
  await first.stop('SIGTERM')
  const second = await startServing(args)
  expect(new URL(second.url).searchParams.get('token')).toBe(searchParams.get('token'))
  await second.stop('SIGTERM')
})

test('a token file is for its owner only, and one that holds something else is left as it is', () => {
  const path = join(temporaryFolder(), 'new', 'token')
  const token = readTokenFile(path)
  expect(readTokenFile(path)).toBe(token)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  writeFileSync(path, 'my diary')
  expect(() => readTokenFile(path)).toThrow(/holds no token/)
  expect(readFileSync(path, 'utf8')).toBe('my diary')
})

test('a port that is taken is a sentence, and the book is let go of', async () => {
  const book = ['--book', join(temporaryFolder(), 'book')]
  const other = createServer()
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
  const { port } = other.address() as AddressInfo
  const refused = await run('serve', '--port', String(port), ...book)
  expect(refused).toEqual({
    code: 1,
    out: '',
    err: `Port ${port} is already used by another program. Choose another with --port, or leave it out to take a free one.\n`,
  })
  await new Promise((done) => other.close(done))
  const server = await startServing(['serve', '--port', String(port), ...book])
  expect(new URL(server.url).port).toBe(String(port))
  expect(await server.stop('SIGTERM')).toMatchObject({ code: 0 })
})

test('a holder that takes no commands is named', async () => {
  const folder = temporaryFolder()
  writeFileSync(
    join(folder, 'book.lock'),
    JSON.stringify({ pid: 1, started: null, address: null, token: null }),
  )
  const refused = await answer(1, 'verify', '--book', folder)
  expect(refused).toMatchObject({
    error: {
      code: 'book_is_held_by_another_process',
      message: `The book in ${folder} is open in process 1, which takes no commands. Wait until it is done or close it, then try again.`,
    },
  })
})

test('what was pushed and answered is in the book, though the program is killed at once; its token is shown once', async () => {
  const folder = temporaryFolder()
  const book = ['--book', join(folder, 'book')]
  await runHere(folder, 'init', '--name', 'Test', '--currency', 'USD', '--time-zone', 'UTC', ...book)
  const { token, id } = await answer<{ token: string; id: string }>(0, 'token', 'create', 'Gateway', ...book)
  const listed = await run('token', 'list', ...book)
  expect(listed.out).toContain('Gateway')
  expect(listed.out).not.toContain(token)
  const server = await startServing(['serve', ...book])
  const events = Array.from({ length: 200 }, (_, number) => ({
    specversion: '1.0',
    id: String(number),
    source: '/gateway',
    type: 'calls',
    subject: 'acme',
    time: '2026-10-02T10:00:00Z',
    data: { value: 1 },
  }))
  const push = (target: string, batch: readonly object[]) =>
    fetch(`${target}/api/ingest`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/cloudevents-batch+json' },
      body: JSON.stringify(batch),
    })
  let accepted = 0
  const pushes = events.map(async (event) => {
    // Those that the kill cuts off get no answer.
    const sent = await push(new URL(server.url).origin, [event]).catch(() => null)
    accepted += Number(sent?.status === 202)
  })
  while (accepted < 20) await new Promise((done) => setTimeout(done, 2))
  await server.stop('SIGKILL')
  await Promise.all(pushes)
  // Sent again, as a program does that got no answer: what is there is known, the rest is new.
  const again = await startServing(['serve', ...book])
  const sent = await push(new URL(again.url).origin, events)
  const { batch } = (await sent.json()) as { batch: { added: number; duplicate: number } }
  expect(batch.duplicate).toBeGreaterThanOrEqual(accepted)
  expect(batch.duplicate + batch.added).toBe(200)
  await answer(0, 'token', 'revoke', id, ...book)
  expect((await push(new URL(again.url).origin, events)).status).toBe(401)
  await again.stop('SIGTERM')
}, 60_000)
