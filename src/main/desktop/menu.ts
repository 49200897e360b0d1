/** The application's menu, as data. */
import type { MenuItemConstructorOptions } from 'electron'

export interface MenuActions {
  newBook(): void
  openBook(): void
  openInBrowser(address: string): void
}

/** The menu of `platform` (`process.platform`). Reload and the developer tools are for a program run from source. */
export function menuTemplate(
  platform: string,
  isPackaged: boolean,
  actions: MenuActions,
): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin'
  const separator = { type: 'separator' } as const
  const developer: MenuItemConstructorOptions[] = isPackaged
    ? []
    : [{ role: 'reload' }, { role: 'toggleDevTools' }, separator]
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        { label: 'New book…', accelerator: 'CmdOrCtrl+N', click: () => actions.newBook() },
        { label: 'Open book…', accelerator: 'CmdOrCtrl+O', click: () => actions.openBook() },
        separator,
        { role: isMac ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        ...developer,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
      ],
    },
    {
      role: 'help',
      submenu: [
        {
          label: 'FOCUS, the format of cost files',
          click: () => actions.openInBrowser('https://focus.finops.org/'),
        },
        {
          label: 'CloudEvents, the format of usage files',
          click: () => actions.openInBrowser('https://cloudevents.io/'),
        },
        ...(isMac ? [] : [separator, { role: 'about' } as const]),
      ],
    },
  ]
}
