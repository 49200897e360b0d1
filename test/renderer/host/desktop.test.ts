import { createORPCClient } from '@orpc/client'
import { oc } from '@orpc/contract'
import { implement, type RouterClient } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { createHost } from '../../../src/renderer/host/host.ts'

const contract = { append: oc.input(z.object({ chunk: z.instanceof(Blob) })).output(z.number()) }
const router = implement(contract).router({
  append: implement(contract).append.handler(({ input }) => input.chunk.size),
})

class Page extends EventTarget {
  readonly asked: string[] = []
  readonly location = { origin: 'http://127.0.0.1:8080' }
  countinghouseHost: { requestPort(nonce: string): void } | undefined
  receive(message: { data: unknown; ports: MessagePort[]; source: unknown }): void {
    this.dispatchEvent(Object.assign(new Event('message'), message))
  }
}

let page: Page
let channel: MessageChannel
beforeEach(() => {
  page = new Page()
  channel = new MessageChannel()
  new RPCHandler(router).upgrade(channel.port1, { context: {} })
  channel.port1.start()
  Object.assign(globalThis, { window: page })
})
afterEach(() => {
  channel.port1.close()
  Reflect.deleteProperty(globalThis, 'window')
})

test('with the preload the calls go over the port with our nonce, whatever else arrives before', async () => {
  const forged = new MessageChannel()
  page.countinghouseHost = {
    requestPort: (nonce) => {
      page.asked.push(nonce)
      page.receive({ data: { nonce: 'another' }, ports: [forged.port1], source: page })
      page.receive({ data: { nonce }, ports: [forged.port1], source: {} })
      page.receive({ data: { nonce }, ports: [], source: page })
      page.receive({ data: 'text', ports: [forged.port1], source: page })
      page.receive({ data: { nonce }, ports: [channel.port2], source: page })
    },
  }
  const host = await createHost()
  expect([host.kind, page.asked.length]).toEqual(['desktop', 1])
  expect(page.asked[0]).toMatch(/^[\w-]{36}$/)
  const client = createORPCClient<RouterClient<typeof router>>(host.link)
  expect(await client.append({ chunk: new Blob(['0123456789']) })).toBe(10)
  forged.port1.close()
})

test('without it the calls go to the address the page came from', async () => {
  expect((await createHost()).kind).toBe('browser')
})
