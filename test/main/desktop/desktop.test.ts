import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { MenuItemConstructorOptions } from 'electron'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildDesktop, type DesktopBundle } from '../../support/desktop-bundle.ts'
import {
  createElectron,
  runDesktop,
  type StandInElectron,
  type StandInOptions,
} from '../../support/electron-stand-in.ts'

let bundle: DesktopBundle
let directory: string

beforeAll(async () => {
  bundle = await buildDesktop()
})
afterAll(() => bundle.remove())
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'countinghouse-user-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const userFile = (name: string): string => join(directory, 'Countinghouse', name)

async function start(argv: string[] = [], options: Partial<StandInOptions> = {}): Promise<StandInElectron> {
  const electron = createElectron({
    userData: join(directory, 'Countinghouse'),
    documents: join(directory, 'Documents'),
    ...options,
  })
  await runDesktop(bundle.main, ['.', ...argv], electron)
  return electron
}

/** Started as far as the window. */
async function open(argv: string[] = [], options: Partial<StandInOptions> = {}) {
  const electron = await start(argv, options)
  await expect.poll(() => electron.windows.length).toBe(1)
  const window = electron.windows[0]
  const engine = electron.children[0]
  if (window === undefined || engine === undefined) throw new Error('no window or no engine')
  return { ...electron, window, engine }
}

describe('the window', () => {
  test('its page is sandboxed and isolated', async () => {
    const { window } = await open()
    expect(window.options.webPreferences).toEqual({
      preload: bundle.preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    })
    expect(window.loaded).toEqual(['app://countinghouse/'])
    expect(window.options.show).toBe(false)
    window.emit('ready-to-show')
    expect(window.shown).toBe(true)
  })

  test('a second start brings it to the front and opens nothing', async () => {
    const { app, window, windows, children } = await open()
    app.emit('second-instance', {}, ['electron', '.'], '/')
    expect([window.focused, windows.length, children.length]).toEqual([1, 1, 1])

    const second = await start([], { firstInstance: false })
    expect([second.quits, second.windows, second.children]).toEqual([[0], [], []])
  })

  test('its place is kept from one start to the next', async () => {
    const first = await open()
    first.window.maximized = true
    first.window.emit('close')
    expect(JSON.parse(readFileSync(userFile('window.json'), 'utf8'))).toEqual({
      bounds: { x: 10, y: 20, width: 1360, height: 880 },
      maximized: true,
    })
    const second = await open()
    expect(second.window.options).toMatchObject({ x: 10, y: 20, width: 1360, height: 880 })
    expect(second.window.maximized).toBe(true)
  })

  test.each([
    ['a file cut short', '{"bounds":{"x":1'],
    ['a file of nothing', ''],
    [
      'a place on a display that is gone',
      '{"bounds":{"x":4000,"y":50,"width":1200,"height":800},"maximized":false}',
    ],
  ])('%s opens the usual window', async (_, text) => {
    mkdirSync(join(directory, 'Countinghouse'))
    writeFileSync(userFile('window.json'), text)
    const { window } = await open()
    expect([window.options.x, window.options.width, window.maximized]).toEqual([undefined, 1360, false])
  })
})

describe('app://countinghouse', () => {
  const ask = async (electron: StandInElectron, address: string, init?: RequestInit) => {
    const response = await electron.handlers.get('app')?.(new Request(address, init))
    if (response === undefined) throw new Error('nothing serves app:')
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  test('is a secure scheme with an origin, that passes no policy by', async () => {
    expect((await open()).schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
    ])
  })

  test('serves the page with the strict policy', async () => {
    const page = await ask(await open(), 'app://countinghouse/', { headers: { accept: 'text/html' } })
    expect([page.status, page.text]).toEqual([200, '<!doctype html><title>app</title>'])
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    )
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
  })

  const rows: [string, RequestInit, number][] = [
    ['app://countinghouse/assets/index-1a2b.js', {}, 200],
    ['app://countinghouse/customers/acme.example?month=2026-08', { headers: { accept: 'text/html' } }, 200],
    ['app://countinghouse/assets/missing.js', {}, 404],
    ['app://evil/', {}, 404],
    ['app://countinghouse:1/', {}, 404],
    ['app://countinghouse/', { method: 'POST' }, 405],
    ['app://countinghouse/..%2fsecret.txt', {}, 400],
    ['app://countinghouse/..%5csecret.txt', {}, 400],
    ['app://countinghouse/%00', {}, 400],
    ['app://countinghouse//secret.txt', {}, 400],
    ['app://countinghouse/../secret.txt', { headers: { accept: '*/*' } }, 404],
  ]
  test.each(rows)('%s %j', async (address, init, status) => {
    const answer = await ask(await open(), address, init)
    expect(answer.status).toBe(status)
    expect(answer.text).not.toContain('outside')
  })
})

describe('where a page may go', () => {
  const addresses: [address: string, stays: boolean][] = [
    ['app://countinghouse/', true],
    ['app://countinghouse/invoices?month=2026-08#top', true],
    ['https://evil.example/', false],
    ['http://127.0.0.1:8080/', false],
    ['https://docs.stripe.com/', false],
    ['app://countinghouse.evil.example/', false],
    ['app://evil/', false],
    ['app://countinghouse:8080/', false],
    ['app://user@countinghouse/', false],
    ['app://countinghouse@evil/', false],
    ['app:countinghouse', false],
    ['file:///etc/passwd', false],
    ['data:text/html,<script>1</script>', false],
    ['javascript:alert(1)', false],
    ['blob:app://countinghouse/1', false],
    ['about:blank', false],
    ['view-source:app://countinghouse/', false],
    ['chrome://settings', false],
    ['', false],
    ['//evil.example/', false],
  ]
  test.each(addresses)('%s', async (url, stays) => {
    const { window } = await open()
    for (const event of ['will-navigate', 'will-frame-navigate', 'will-redirect']) {
      let prevented = false
      window.webContents.emit(event, {
        url,
        preventDefault: () => {
          prevented = true
        },
      })
      expect([event, !prevented]).toEqual([event, stays])
    }
  })

  const windows: [address: string, opened: string[]][] = [
    ['https://docs.stripe.com/invoicing', ['https://docs.stripe.com/invoicing']],
    ['https://focus.finops.org/', ['https://focus.finops.org/']],
    ['http://docs.stripe.com/', []],
    ['https://docs.stripe.com.evil.example/', []],
    ['https://docs.stripe.com@evil.example/', []],
    ['https://user:secret@docs.stripe.com/', []],
    ['https://docs.stripe.com:8443/', []],
    ['https://evil.example/?https://docs.stripe.com', []],
    ['app://countinghouse/', []],
    ['file:///etc/passwd', []],
    ['javascript:alert(1)', []],
    ['ms-settings:', []],
    ['not an address', []],
  ]
  test.each(windows)('a new window on %s', async (url, opened) => {
    const electron = await open()
    expect(electron.window.webContents.windowOpen({ url })).toEqual({ action: 'deny' })
    expect(electron.opened).toEqual(opened)
  })

  test('no webview', async () => {
    const { window } = await open()
    let prevented = false
    window.webContents.emit('will-attach-webview', {
      preventDefault: () => {
        prevented = true
      },
    })
    expect(prevented).toBe(true)
  })

  const permissions: [permission: string, address: string, granted: boolean][] = [
    ['clipboard-sanitized-write', 'app://countinghouse/usage', true],
    ['clipboard-sanitized-write', 'https://evil.example/', false],
    ['clipboard-read', 'app://countinghouse/', false],
    ['media', 'app://countinghouse/', false],
    ['geolocation', 'app://countinghouse/', false],
    ['notifications', 'app://countinghouse/', false],
    ['openExternal', 'app://countinghouse/', false],
    ['fileSystem', 'app://countinghouse/', false],
  ]
  test.each(permissions)('permission %s for %s', async (permission, address, granted) => {
    const given = (await open()).permissions
    let answer: boolean | undefined
    given.request?.(
      null,
      permission,
      (value) => {
        answer = value
      },
      { requestingUrl: address },
    )
    expect([answer, given.check?.(null, permission, address), given.device?.()]).toEqual([
      granted,
      granted,
      false,
    ])
  })
})

describe('the hand-over of a port', () => {
  const nonce = '0f8fad5b-d9cb-469f-a165-70867728950e'
  const frame = (url: string, parent: unknown = null) => ({ url, parent })

  test('one end goes to the engine and the other to the window, both with the nonce', async () => {
    const { module, engine, window } = await open()
    module.ipcMain.emit(
      'engine-port',
      { sender: window.webContents, senderFrame: frame('app://countinghouse/') },
      nonce,
    )
    expect(engine.sent.slice(1)).toEqual([
      { message: { type: 'client', nonce }, ports: [{ name: 'engine 1' }] },
    ])
    expect(window.webContents.posted).toEqual([{ message: nonce, ports: [{ name: 'window 1' }] }])
  })

  const refused: [string, unknown, unknown][] = [
    ['a foreign page', frame('https://evil.example/'), nonce],
    ['a frame within our page', frame('app://countinghouse/', {}), nonce],
    ['a frame that is gone', null, nonce],
    ['no nonce', frame('app://countinghouse/'), undefined],
    ['a nonce that is no text', frame('app://countinghouse/'), { toString: () => nonce }],
    ['a short nonce', frame('app://countinghouse/'), 'abc'],
    ['a long nonce', frame('app://countinghouse/'), 'a'.repeat(65)],
  ]
  test.each(refused)('%s gets none', async (_, senderFrame, asked) => {
    const { module, engine, window } = await open()
    module.ipcMain.emit('engine-port', { sender: window.webContents, senderFrame }, asked)
    expect([engine.sent.length, window.webContents.posted]).toEqual([1, []])
  })
})

describe('the engine', () => {
  test('is the built one, and hears of the book first', async () => {
    const { engine } = await open()
    expect(engine.file).toBe(join(dirname(bundle.main), 'engine.js'))
    expect(engine.sent).toEqual([
      {
        message: {
          type: 'open',
          directory: join(directory, 'Documents', 'Countinghouse'),
          demo: false,
          readOnly: false,
          secrets: { available: true, reason: null },
        },
        ports: [],
      },
    ])
  })

  test('--book names the book, which is the next start’s too', async () => {
    expect((await open(['--book', '/books/acme'])).engine.sent[0]?.message).toMatchObject({
      directory: '/books/acme',
    })
    expect((await open()).engine.sent[0]?.message).toMatchObject({ directory: '/books/acme' })
  })

  test('the demo has a folder of its own, and leaves everything else as it was', async () => {
    await open(['--book', '/books/acme'])
    const demo = await open(['demo'])
    expect(demo.engine.sent[0]?.message).toMatchObject({
      directory: join(directory, 'Countinghouse-demo', 'book'),
      demo: true,
    })
    await click(demo, 'Open book…')
    expect([demo.boxes.map((box) => box.message), demo.children.length]).toEqual([['This is the demo'], 1])
    expect((await open()).engine.sent[0]?.message).toMatchObject({ directory: '/books/acme' })
  })

  test('a crash is told in a sentence; Restart opens the same book in a new engine and loads the page afresh', async () => {
    const electron = await open(['--book', '/books/acme'])
    electron.answers.push(0)
    electron.engine.end(134)
    await expect.poll(() => electron.window.loaded.length).toBe(2)
    expect(electron.boxes).toMatchObject([
      {
        message: 'The engine stopped unexpectedly',
        detail:
          'The process that holds the book ended with code 134. Everything it had confirmed is saved; what it was doing must be started again.',
        buttons: ['Restart', 'Quit'],
      },
    ])
    expect(electron.children[1]?.sent[0]?.message).toMatchObject({ type: 'open', directory: '/books/acme' })
  })

  test('a crash, and Quit', async () => {
    const electron = await open()
    electron.answers.push(1)
    electron.engine.end(1)
    await expect.poll(() => electron.quits).toEqual([0])
    expect(electron.children.length).toBe(1)
  })

  test('a book that cannot be opened: the engine’s sentence, and another choice', async () => {
    const electron = await open(['--book', '/books/locked'])
    electron.answers.push(0)
    electron.folders.push('/books/other')
    electron.engine.emit('message', {
      type: 'refused',
      message: 'Another Countinghouse holds this book. Close it first.',
    })
    await expect.poll(() => electron.children.length).toBe(2)
    expect(electron.boxes).toMatchObject([
      {
        message: 'Countinghouse could not open the book',
        detail: 'Another Countinghouse holds this book. Close it first.',
        buttons: ['Choose another book…', 'Quit'],
      },
    ])
    expect(electron.children[1]?.sent[0]?.message).toMatchObject({ directory: '/books/other' })
  })

  test('quitting waits until the book is closed', async () => {
    const { app, engine, quits } = await open()
    app.quit()
    expect(engine.sent.at(-1)?.message).toEqual({ type: 'close' })
    expect(quits).toEqual([0])
    await expect.poll(() => quits).toEqual([0, 0])
    expect(engine.killed).toBe(false)
  })

  test('keeps its secrets here, encrypted', async () => {
    const electron = await open()
    const ask = async (request: number, question: object) => {
      electron.engine.emit('message', { type: 'secret', request, ask: question })
      await expect.poll(() => electron.engine.sent.at(-1)?.message).toMatchObject({ type: 'secret', request })
      return (electron.engine.sent.at(-1)?.message as { answer: unknown } | undefined)?.answer
    }
    const name = 'STRIPE_API_KEY'
    expect(await ask(1, { action: 'get', name })).toEqual({ ok: true, value: null })
    expect(await ask(2, { action: 'set', name, value: 'sk_test_abc123' })).toEqual({ ok: true, value: null })
    expect(await ask(3, { action: 'get', name })).toEqual({ ok: true, value: 'sk_test_abc123' })
    expect(readFileSync(userFile('secrets.json'), 'utf8')).not.toContain('sk_test_abc123')
    expect(await ask(4, { action: 'delete', name })).toEqual({ ok: true, value: null })
    expect(await ask(5, { action: 'get', name })).toEqual({ ok: true, value: null })
  })
})

async function click(electron: StandInElectron, label: string): Promise<void> {
  const items = electron.menu.template.flatMap(
    (top) => top.submenu as MenuItemConstructorOptions[] | undefined,
  )
  const item = items.find((candidate) => candidate?.label === label)
  if (item?.click === undefined) throw new Error(`there is no ${label} in the menu`)
  ;(item.click as () => void)()
  await new Promise((resolve) => setImmediate(resolve))
}

describe('the menu', () => {
  test('Open book… closes the old book, opens the chosen one and loads the page afresh', async () => {
    const electron = await open(['--book', '/books/acme'])
    electron.folders.push('/books/globex')
    await click(electron, 'Open book…')
    await expect.poll(() => electron.window.loaded.length).toBe(2)
    expect(electron.engine.sent.at(-1)?.message).toEqual({ type: 'close' })
    expect(electron.children[1]?.sent[0]?.message).toMatchObject({ type: 'open', directory: '/books/globex' })
  })

  test('New book… and then Cancel changes nothing', async () => {
    const electron = await open()
    await click(electron, 'New book…')
    expect([electron.children.length, electron.engine.sent.length]).toEqual([1, 1])
  })

  test('Help leads to the browser', async () => {
    const electron = await open()
    await click(electron, 'FOCUS, the format of cost files')
    expect(electron.opened).toEqual(['https://focus.finops.org/'])
  })

  test('the developer tools are not in the packaged program', async () => {
    expect(JSON.stringify((await open()).menu.template)).not.toContain('toggleDevTools')
  })
})
