/** Builds the desktop's main program and preload as `electron-vite build` does, into a folder of the test. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'

const source = (path: string): string => new URL(`../../src/${path}`, import.meta.url).pathname

export interface DesktopBundle {
  readonly main: string
  readonly preload: string
  remove(): void
}

async function bundle(input: string, directory: string, format: 'es' | 'cjs', name: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: format === 'cjs' ? true : [] },
    build: {
      ssr: true,
      outDir: directory,
      emptyOutDir: false,
      minify: false,
      rolldownOptions: { input, external: ['electron', /^node:/], output: { format, entryFileNames: name } },
    },
  })
}

/** The same layout as `out/`: main, preload and a renderer of two files. */
export async function buildDesktop(): Promise<DesktopBundle> {
  const directory = mkdtempSync(join(tmpdir(), 'countinghouse-desktop-'))
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
  await bundle(source('main/desktop/main.ts'), join(directory, 'main'), 'es', 'desktop.js')
  await bundle(source('preload/preload.ts'), join(directory, 'preload'), 'cjs', 'preload.cjs')
  mkdirSync(join(directory, 'renderer', 'assets'), { recursive: true })
  writeFileSync(join(directory, 'renderer', 'index.html'), '<!doctype html><title>app</title>')
  writeFileSync(join(directory, 'renderer', 'assets', 'index-1a2b.js'), 'export {}')
  writeFileSync(join(directory, 'secret.txt'), 'outside')
  return {
    main: join(directory, 'main', 'desktop.js'),
    preload: join(directory, 'preload', 'preload.cjs'),
    remove: () => rmSync(directory, { recursive: true }),
  }
}
