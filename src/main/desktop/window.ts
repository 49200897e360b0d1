/** The window: a sandboxed page of ours, where it was last time. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { app, BrowserWindow, screen } from 'electron'
import { readJsonFile, trySaveJsonFile } from './json-file.ts'
import { leastSize, restoreWindowState, usualSize } from './window-state.ts'

/** Opens a window on `home`. Its place is saved when it closes. */
export function openWindow(home: string): BrowserWindow {
  const file = join(app.getPath('userData'), 'window.json')
  const workAreas = screen.getAllDisplays().map((display) => display.workArea)
  const state = restoreWindowState(readJsonFile(file), workAreas)
  const window = new BrowserWindow({
    ...(state.bounds ?? usualSize),
    minWidth: leastSize.width,
    minHeight: leastSize.height,
    title: 'Countinghouse',
    // Shown once the page has painted, so that no white flash precedes the dark theme.
    show: false,
    webPreferences: {
      preload: fileURLToPath(new URL('../preload/preload.cjs', import.meta.url)),
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
    },
  })
  if (state.maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', () => {
    trySaveJsonFile(file, { bounds: window.getNormalBounds(), maximized: window.isMaximized() })
  })
  void window.loadURL(home)
  return window
}
