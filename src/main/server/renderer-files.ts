/**
 * The built renderer as a fixed list of files, with the headers they are served with: over loopback HTTP here, and
 * over `app://` by the desktop. A path is looked up in the list and never joined to a directory, so no path can leave it.
 */
import { readdirSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'

/**
 * Nothing from anywhere but ourselves. `style-src 'unsafe-inline'` is needed because Mantine writes its theme's
 * variables and responsive styles into `<style>` elements at run time; scripts have no such exception.
 * `img-src data: blob:` is for icons inlined by the build and previews of dropped files.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** For every answer that is no page: it may not be run, framed, read by another site, or guessed to be a page. */
export const dataHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
} as const

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
}

/** From the path in the address (`/assets/index-1a2b.js`) to the file on disk. */
export type RendererFiles = ReadonlyMap<string, string>

/** Lists the files of the built renderer. @throws when there is no index.html, with the command that makes it */
export function readRendererFiles(directory: string): RendererFiles {
  const files = new Map<string, string>()
  for (const entry of list(directory)) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    files.set(`/${relative(directory, file).split(sep).join('/')}`, file)
  }
  if (!files.has('/index.html')) {
    throw new Error(`The screens are not built: ${directory} has no index.html. Run "npm run build" first.`)
  }
  return files
}

function list(directory: string) {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
  } catch {
    return []
  }
}

export interface RendererFile {
  readonly file: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The file for a decoded path, or null. A page address that is no file (`/customers/acme.example`) is the
 * application itself, which reads the rest of the address; a missing script or style is never answered with a page.
 */
export function findRendererFile(files: RendererFiles, path: string, accept: string): RendererFile | null {
  const wanted = path === '/' ? '/index.html' : path
  const isPage = !wanted.startsWith('/assets/') && accept.includes('text/html')
  const name = files.has(wanted) ? wanted : isPage ? '/index.html' : null
  const file = name === null ? undefined : files.get(name)
  if (name === null || file === undefined) return null
  return {
    file,
    headers: {
      ...dataHeaders,
      'content-security-policy': contentSecurityPolicy,
      'content-type': contentTypes[extname(name)] ?? 'application/octet-stream',
      // Files under assets/ carry a hash of their content in their name, so they can be kept for ever.
      'cache-control': name.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store',
    },
  }
}
