/** The desktop program: one window, one engine, and what only the desktop can do (dialogs, menus, the keychain). */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { app, type BrowserWindow, dialog, Menu, safeStorage, session } from 'electron'
import { readArguments } from './arguments.ts'
import { type Engine, startEngine } from './engine-process.ts'
import { readJsonFile, trySaveJsonFile } from './json-file.ts'
import { menuTemplate } from './menu.ts'
import { appUrl, denyPermissions, keepAtHome, openInBrowser } from './navigation.ts'
import { handOverPorts } from './port-handover.ts'
import { registerAppScheme, serveRenderer } from './protocol.ts'
import { createSecretKeeper } from './secrets.ts'
import { openWindow } from './window.ts'

const given = readArguments(process.argv.slice(1), process.cwd())
// The demo has settings, secrets and a lock of its own, so it can neither touch a real book nor be in its way.
if (given.demo) app.setPath('userData', `${app.getPath('userData')}-demo`)

const dataFile = (name: string): string => join(app.getPath('userData'), name)
const developmentUrl = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL
const home = developmentUrl ?? appUrl

let window: BrowserWindow | null = null
let engine: Engine | null = null

registerAppScheme()
if (app.requestSingleInstanceLock()) start()
else app.quit()

function start(): void {
  app.on('web-contents-created', (_event, contents) => keepAtHome(contents, home))
  app.on('window-all-closed', () => app.quit())
  app.on('second-instance', (_event, argv, workingDirectory) => {
    if (window?.isMinimized()) window.restore()
    window?.focus()
    const { book } = readArguments(argv.slice(1), workingDirectory)
    if (book !== null && !given.demo) void openBook(book)
  })
  app.on('will-quit', (event) => {
    if (engine === null) return
    event.preventDefault()
    void stopEngine().then(() => app.quit())
  })
  app
    .whenReady()
    .then(ready)
    .catch((error: unknown) => {
      dialog.showErrorBox(
        'Countinghouse cannot start',
        error instanceof Error ? error.message : String(error),
      )
      app.exit(1)
    })
}

async function ready(): Promise<void> {
  denyPermissions(session.defaultSession, home)
  if (developmentUrl === undefined) {
    serveRenderer(session.defaultSession.protocol, fileURLToPath(new URL('../renderer', import.meta.url)))
  }
  handOverPorts(home, (nonce) => engine?.connect(nonce) ?? null)
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(
      menuTemplate(process.platform, app.isPackaged, {
        newBook: () => void chooseBook('New book: choose an empty folder'),
        openBook: () => void chooseBook('Open book: choose its folder'),
        openInBrowser,
      }),
    ),
  )
  await openBook(firstBook())
}

/** The book to begin with: the one asked for, else the last one, else a folder people find. */
function firstBook(): string {
  if (given.demo) return given.book ?? dataFile('book')
  if (given.book !== null) return given.book
  const last = readJsonFile(dataFile('last-book.json'))
  return typeof last === 'string' ? last : join(app.getPath('documents'), 'Countinghouse')
}

/** Opens the book in a new engine; the page is loaded afresh, because what it shows belongs to the old one. */
async function openBook(directory: string): Promise<void> {
  await stopEngine()
  engine = await startEngine({
    directory,
    demo: given.demo,
    // Asked for one book: another one that is chosen later is opened as usual.
    readOnly: given.readOnly && directory === firstBook(),
    secrets: createSecretKeeper(safeStorage, process.platform, dataFile('secrets.json')),
    onRefused: (message) =>
      void offer('Countinghouse could not open the book', message, 'Choose another book…', () =>
        chooseBook('Open book: choose its folder'),
      ),
    onCrash: (code) =>
      void offer(
        'The engine stopped unexpectedly',
        `The process that holds the book ended with code ${code}. Everything it had confirmed is saved; what it was doing must be started again.`,
        'Restart',
        () => openBook(directory),
      ),
  })
  if (!given.demo) trySaveJsonFile(dataFile('last-book.json'), directory)
  if (window === null) {
    window = openWindow(home)
    window.once('closed', () => {
      window = null
    })
  } else void window.loadURL(home)
}

async function stopEngine(): Promise<void> {
  const stopping = engine
  engine = null
  await stopping?.stop()
}

/** Says what happened and offers one way on; the other is to quit. */
async function offer(message: string, detail: string, way: string, take: () => Promise<void>): Promise<void> {
  engine = null
  const { response } = await dialog.showMessageBox({
    type: 'error',
    message,
    detail,
    buttons: [way, 'Quit'],
    defaultId: 0,
    cancelId: 1,
  })
  if (response === 0) await take()
  if (engine === null) app.quit()
}

async function chooseBook(title: string): Promise<void> {
  if (given.demo) {
    await dialog.showMessageBox({
      type: 'info',
      message: 'This is the demo',
      detail: 'It works on its own book only. Close it and start Countinghouse without "demo" to open yours.',
    })
    return
  }
  const { canceled, filePaths } = await dialog.showOpenDialog({
    title,
    properties: ['openDirectory', 'createDirectory'],
  })
  const directory = filePaths[0]
  if (!canceled && directory !== undefined) await openBook(directory)
}
