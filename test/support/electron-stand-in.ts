/**
 * A stand-in for the `electron` module: records what the desktop program asks of Electron, and lets a test play
 * Electron's part. The built bundles run against it unchanged, `import … from 'electron'` and all.
 */
import { EventEmitter } from 'node:events'
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { constants, Script } from 'node:vm'
import type { MenuItemConstructorOptions } from 'electron'

export interface Sent {
  message: unknown
  ports: StandInPort[]
}

class StandInPort {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

class StandInChild extends EventEmitter {
  readonly sent: Sent[] = []
  killed = false
  /** An engine closes when it is asked to, unless a test wants one that hangs. */
  closes = true
  readonly file: string
  constructor(file: string) {
    super()
    this.file = file
  }
  postMessage(message: { type: string }, ports: StandInPort[] = []): void {
    this.sent.push({ message, ports })
    if (message.type === 'close' && this.closes) this.end(0)
  }
  kill(): void {
    this.killed = true
    this.end(15)
  }
  end(code: number): void {
    setImmediate(() => this.emit('exit', code))
  }
}

class StandInContents extends EventEmitter {
  readonly posted: Sent[] = []
  windowOpen: (details: { url: string }) => { action: string } = () => ({ action: 'allow' })
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.windowOpen = handler
  }
  postMessage(_channel: string, message: unknown, ports: StandInPort[]): void {
    this.posted.push({ message, ports })
  }
}

interface WindowOptions {
  x?: number
  y?: number
  width: number
  height: number
  show: boolean
  webPreferences: Record<string, unknown>
}

class StandInWindow extends EventEmitter {
  readonly webContents = new StandInContents()
  readonly loaded: string[] = []
  shown = false
  maximized = false
  focused = 0
  readonly options: WindowOptions
  constructor(options: WindowOptions) {
    super()
    this.options = options
  }
  maximize(): void {
    this.maximized = true
  }
  isMaximized(): boolean {
    return this.maximized
  }
  isMinimized(): boolean {
    return false
  }
  restore(): void {}
  focus(): void {
    this.focused += 1
  }
  show(): void {
    this.shown = true
  }
  getNormalBounds() {
    const { x = 10, y = 20, width, height } = this.options
    return { x, y, width, height }
  }
  async loadURL(url: string): Promise<void> {
    this.loaded.push(url)
  }
}

type PermissionRequest = (
  contents: unknown,
  permission: string,
  answer: (granted: boolean) => void,
  details: { requestingUrl: string },
) => void

export interface StandInOptions {
  userData: string
  documents: string
  workAreas?: { x: number; y: number; width: number; height: number }[]
  firstInstance?: boolean
}

export function createElectron(options: StandInOptions) {
  const paths: Record<string, string> = { userData: options.userData, documents: options.documents }
  const children: StandInChild[] = []
  const windows: StandInWindow[] = []
  const schemes: { scheme: string; privileges: Record<string, boolean> }[] = []
  const opened: string[] = []
  const boxes: { message: string; detail: string; buttons?: string[] }[] = []
  const answers: number[] = []
  const folders: string[] = []
  const quits: number[] = []
  const handlers = new Map<string, (request: Request) => Promise<Response>>()
  const permissions: {
    request?: PermissionRequest
    check?: (...facts: unknown[]) => boolean
    device?: () => boolean
  } = {}
  const menu: { template: MenuItemConstructorOptions[] } = { template: [] }
  let ports = 0

  const app = Object.assign(new EventEmitter(), {
    isPackaged: true,
    getPath: (name: string) => paths[name],
    setPath: (name: string, path: string) => {
      paths[name] = path
    },
    requestSingleInstanceLock: () => options.firstInstance ?? true,
    whenReady: async () => {},
    quit: () => {
      quits.push(0)
      app.emit('will-quit', { preventDefault() {} })
    },
    exit: (code: number) => quits.push(code),
  })

  class BrowserWindow extends StandInWindow {
    constructor(windowOptions: WindowOptions) {
      super(windowOptions)
      windows.push(this)
      app.emit('web-contents-created', {}, this.webContents)
    }
  }
  class MessageChannelMain {
    readonly port1 = new StandInPort(`engine ${++ports}`)
    readonly port2 = new StandInPort(`window ${ports}`)
  }
  const module = {
    app,
    BrowserWindow,
    MessageChannelMain,
    dialog: {
      showMessageBox: async (box: { message: string; detail: string; buttons?: string[] }) => {
        boxes.push(box)
        return { response: answers.shift() ?? 1 }
      },
      showErrorBox: (message: string, detail: string) => boxes.push({ message, detail }),
      showOpenDialog: async () => {
        const folder = folders.shift()
        return { canceled: folder === undefined, filePaths: folder === undefined ? [] : [folder] }
      },
    },
    ipcMain: new EventEmitter(),
    Menu: {
      buildFromTemplate: (template: MenuItemConstructorOptions[]) => template,
      setApplicationMenu: (template: MenuItemConstructorOptions[]) => {
        menu.template = template
      },
    },
    protocol: { registerSchemesAsPrivileged: (given: typeof schemes) => schemes.push(...given) },
    safeStorage: {
      getSelectedStorageBackend: () => 'gnome_libsecret',
      isAsyncEncryptionAvailable: async () => true,
      encryptStringAsync: async (text: string) => Buffer.from(text.split('').reverse().join('')),
      decryptStringAsync: async (bytes: Buffer) => ({
        result: bytes.toString().split('').reverse().join(''),
      }),
    },
    screen: {
      getAllDisplays: () =>
        (options.workAreas ?? [{ x: 0, y: 0, width: 1920, height: 1040 }]).map((workArea) => ({ workArea })),
    },
    session: {
      defaultSession: {
        protocol: {
          handle: (scheme: string, handler: (request: Request) => Promise<Response>) =>
            handlers.set(scheme, handler),
        },
        setPermissionRequestHandler: (handler: PermissionRequest) => {
          permissions.request = handler
        },
        setPermissionCheckHandler: (handler: (...facts: unknown[]) => boolean) => {
          permissions.check = handler
        },
        setDevicePermissionHandler: (handler: () => boolean) => {
          permissions.device = handler
        },
      },
    },
    shell: { openExternal: async (address: string) => opened.push(address) },
    utilityProcess: {
      fork: (file: string) => {
        const child = new StandInChild(file)
        children.push(child)
        return child
      },
    },
  }
  return {
    module,
    app,
    children,
    windows,
    schemes,
    opened,
    boxes,
    answers,
    folders,
    quits,
    handlers,
    permissions,
    menu,
    paths,
  }
}

export type StandInElectron = ReturnType<typeof createElectron>

const worlds = new Map<string, StandInElectron['module']>()
let hooked = false

/** Makes `electron` mean the world named in the importing file's query (`desktop.js?world=7`). */
function hookElectron(): void {
  if (hooked) return
  hooked = true
  Object.assign(globalThis, { standInWorlds: worlds })
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier !== 'electron') return next(specifier, context)
      const world = new URL(context.parentURL ?? 'file:///').searchParams.get('world')
      return { url: `stand-in:electron?world=${world}`, shortCircuit: true }
    },
    load(url, context, next) {
      if (!url.startsWith('stand-in:')) return next(url, context)
      const world = new URL(url).searchParams.get('world') ?? ''
      const names = Object.keys(worlds.get(world) ?? {})
      const source = `const world = globalThis.standInWorlds.get('${world}')
export const { ${names.join(', ')} } = world`
      return { format: 'module', source, shortCircuit: true }
    },
  })
}

// Compiled apart so that the test runner does not take the import over: the bundle must load as Electron loads it.
const nativeImport = new Script('(address) => import(address)', {
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
}).runInThisContext() as (address: string) => Promise<unknown>

/** Runs the built main program in a world of its own. Each run is a new evaluation of the bundle. */
export async function runDesktop(bundle: string, argv: string[], electron: StandInElectron): Promise<void> {
  hookElectron()
  const world = String(worlds.size + 1)
  worlds.set(world, electron.module)
  const before = process.argv
  process.argv = ['electron', ...argv]
  try {
    await nativeImport(`${pathToFileURL(bundle).href}?world=${world}`)
  } finally {
    process.argv = before
  }
}
