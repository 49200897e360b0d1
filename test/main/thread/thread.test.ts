import { isDefinedError, ORPCError } from '@orpc/client'
import { afterEach, describe, expect, test } from 'vitest'
import { startThread, type Thread } from '../../../src/main/thread/start-thread.ts'
import { threadFile } from '../../../src/main/thread/thread-file.ts'
import type { router } from './echo-thread.ts'

const started: Thread<typeof router>[] = []
let closed = new Int32Array(new SharedArrayBuffer(4))

function start(): Thread<typeof router> {
  closed = new Int32Array(new SharedArrayBuffer(4))
  const file = threadFile(import.meta.url, './echo-thread.ts', 'echo-thread')
  const thread = startThread<typeof router>(file, { greeting: 'good day', closed }, { name: 'echo' })
  started.push(thread)
  return thread
}

async function failureOf(promise: Promise<unknown>): Promise<ORPCError<string, unknown>> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ORPCError)
  return error as ORPCError<string, unknown>
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((thread) => thread.close()))
})

describe('values cross as they are', () => {
  const values: [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['a bigint', 12345678901234567890n],
    ['bytes', new Uint8Array([0, 1, 255])],
    ['a date', new Date('2026-08-01T00:00:00Z')],
    ['a map', new Map([['tenant', 7n]])],
    ['nested', { rows: [{ quantity: 1n, raw: new Uint8Array([1]), note: undefined }] }],
    ['text', 'Grüße, 会計'],
    ['a record that looks like an envelope', { value: 1, json: 2, meta: [[0, 'value']] }],
  ]
  test.each(values)('%s', async (_, value) => {
    expect(await start().client.echo(value)).toStrictEqual(value)
  })

  test('ten megabytes of bytes and of text, both ways', async () => {
    const bytes = new Uint8Array(10 * 1024 * 1024).map((_, index) => index % 251)
    const text = 'x'.repeat(10 * 1024 * 1024)
    const back = (await start().client.echo({ bytes, text })) as { bytes: Uint8Array; text: string }
    expect(Buffer.compare(back.bytes, bytes)).toBe(0)
    expect(back.text === text).toBe(true)
  })

  test('the data and context of the start', async () => {
    expect(await start().client.greet()).toBe('good day')
  })
})

describe('progress', () => {
  test('streams every step in order, and the result', async () => {
    const events = await start().client.count({ to: 3 })
    const seen: unknown[] = []
    for (;;) {
      const step = await events.next()
      seen.push(step.value)
      if (step.done) break
    }
    expect(seen).toEqual([{ done: 1, bytes: 1n }, { done: 2, bytes: 2n }, { done: 3, bytes: 3n }, 'counted'])
  })

  test('an error in the middle arrives after what came before it', async () => {
    const events = await start().client.countThenFail()
    expect(await events.next()).toEqual({ done: false, value: 1 })
    const error = await failureOf(events.next())
    expect([error.code, error.message, error.data]).toEqual([
      'CONFLICT',
      'The second row is already there.',
      { row: 2n },
    ])
  })

  test('leaving the loop early stops the procedure', async () => {
    const { client } = start()
    for await (const drop of await client.drip()) {
      expect(drop).toBe('drop')
      break
    }
    await expect.poll(() => client.aborted()).toEqual(['drip'])
  })
})

describe('cancelling', () => {
  test('an AbortSignal rejects the call and reaches the procedure; others go on', async () => {
    const { client } = start()
    const controller = new AbortController()
    const call = client.forever('import', { signal: controller.signal })
    expect(await client.echo('meanwhile')).toBe('meanwhile')
    controller.abort(new Error('the user pressed Cancel'))
    await expect(call).rejects.toThrow('the user pressed Cancel')
    expect(await client.aborted()).toEqual(['import'])
  })

  test('a call that is cancelled before it starts is never sent', async () => {
    const { client } = start()
    await expect(
      client.forever('never', { signal: AbortSignal.abort(new Error('too late')) }),
    ).rejects.toThrow('too late')
    expect(await client.aborted()).toEqual([])
  })
})

describe('errors', () => {
  test('a declared error stays declared, with its data', async () => {
    const error = await failureOf(start().client.refuse())
    expect(isDefinedError(error)).toBe(true)
    expect(error.toJSON()).toEqual({
      defined: true,
      code: 'month_is_closed',
      status: 409,
      message: 'August is closed.',
      data: { month: '2026-08' },
    })
  })

  test('a bug keeps its sentence, name and code, shows no stack, and leaves the thread alive', async () => {
    const { client } = start()
    const error = await failureOf(client.bug())
    expect(error.toJSON()).toEqual({
      defined: false,
      code: 'INTERNAL_SERVER_ERROR',
      status: 500,
      message: 'The scale must not be negative.',
      data: { name: 'TypeError', code: 'SCALE' },
    })
    expect(await client.greet()).toBe('good day')
  })
})

describe('the end of a thread', () => {
  test('a crash rejects everything pending and everything later with one sentence', async () => {
    const { client, onExit } = start()
    const pending = failureOf(client.forever('pending'))
    const stream = await client.drip()
    const crashed = failureOf(client.crash())
    const sentence =
      'The echo thread stopped unexpectedly: out of luck. What it had saved is kept; start Countinghouse again and repeat the last step.'
    for (const error of [await pending, await crashed, await failureOf(client.greet())]) {
      expect([error.code, error.message, error.data]).toEqual([
        'THREAD_STOPPED',
        sentence,
        { reason: 'out of luck' },
      ])
    }
    const error = await failureOf(
      (async () => {
        for await (const _ of stream);
      })(),
    )
    expect(error.message).toBe(sentence)
    expect(await onExit).toEqual({ code: 1, error: expect.objectContaining({ message: 'out of luck' }) })
  })

  test('a thread that leaves by itself', async () => {
    const { client, onExit } = start()
    expect((await failureOf(client.exit())).data).toEqual({ reason: 'it exited with code 3' })
    expect((await onExit).code).toBe(3)
  })

  test('an entry that does not exist', async () => {
    const thread = startThread<typeof router>(new URL('./nowhere.ts', import.meta.url), null, {
      name: 'lost',
    })
    expect((await failureOf(thread.client.greet())).message).toMatch(
      /^The lost thread stopped unexpectedly: Cannot find/,
    )
    await thread.close()
  })

  test('close lets the thread tidy up, rejects what was running, and may be called twice', async () => {
    const thread = start()
    expect(await thread.client.greet()).toBe('good day')
    const pending = failureOf(thread.client.forever('pending'))
    await Promise.all([thread.close(), thread.close()])
    expect((await pending).message).toBe(
      'The echo thread was closed while this call was running. What it had saved is kept.',
    )
    expect(closed[0]).toBe(1)
    expect(await thread.onExit).toEqual({ code: 0, error: null })
  })
})

describe('the entry file', () => {
  const rows: [string, string, string][] = [
    ['from source', 'file:///app/src/main/cube/open.ts', 'file:///app/src/main/cube/cube-thread.ts'],
    ['from the bundle', 'file:///app/out/main/engine.js', 'file:///app/out/main/cube-thread.js'],
    ['from a shared chunk', 'file:///app/out/main/chunk-open-x1.js', 'file:///app/out/main/cube-thread.js'],
    [
      'from an archive',
      'file:///C:/app.asar/out/main/serve.js',
      'file:///C:/app.asar/out/main/cube-thread.js',
    ],
  ]
  test.each(rows)('%s', (_, from, entry) => {
    expect(threadFile(from, './cube-thread.ts', 'cube-thread').href).toBe(entry)
  })
})
