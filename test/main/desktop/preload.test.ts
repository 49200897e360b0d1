import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { buildDesktop, type DesktopBundle } from '../../support/desktop-bundle.ts'

let bundle: DesktopBundle
beforeAll(async () => {
  bundle = await buildDesktop()
})
afterAll(() => bundle.remove())

const nonce = '0f8fad5b-d9cb-469f-a165-70867728950e'
let sent: unknown[][]
let posted: unknown[][]
let exposed: Record<string, Record<string, (nonce: unknown) => void>>
let required: string[]
let renderer: EventEmitter

/** Runs the built preload as a sandbox does: CommonJS, with a `require` that knows electron alone. */
beforeEach(() => {
  sent = []
  posted = []
  exposed = {}
  required = []
  renderer = new EventEmitter()
  const electron = {
    contextBridge: {
      exposeInMainWorld: (name: string, value: Record<string, (nonce: unknown) => void>) => {
        exposed[name] = value
      },
    },
    ipcRenderer: Object.assign(renderer, { send: (...words: unknown[]) => sent.push(words) }),
  }
  const require = (name: string) => {
    required.push(name)
    return electron
  }
  const window = {
    location: { origin: 'app://countinghouse' },
    postMessage: (...words: unknown[]) => posted.push(words),
  }
  new Function('require', 'module', 'exports', 'window', readFileSync(bundle.preload, 'utf8'))(
    require,
    {},
    {},
    window,
  )
})

test('the page sees one function, and the preload requires electron alone', () => {
  expect(required).toEqual(['electron'])
  expect(Object.keys(exposed)).toEqual(['countinghouseHost'])
  expect(Object.keys(exposed.countinghouseHost ?? {})).toEqual(['requestPort'])
})

test('a port that was asked for is posted to the page’s own origin, once', () => {
  exposed.countinghouseHost?.requestPort?.(nonce)
  expect(sent).toEqual([['engine-port', nonce]])
  renderer.emit('engine-port', { ports: ['a port'] }, nonce)
  renderer.emit('engine-port', { ports: ['another'] }, nonce)
  expect(posted).toEqual([[{ nonce }, 'app://countinghouse', ['a port']]])
})

test('a port that was not asked for is dropped', () => {
  renderer.emit('engine-port', { ports: ['a port'] }, nonce)
  expect(posted).toEqual([])
})

test('what is no nonce goes nowhere', () => {
  exposed.countinghouseHost?.requestPort?.({ channel: 'other' })
  expect(sent).toEqual([])
})
