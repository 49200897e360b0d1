import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const source = (path: string) => resolve(import.meta.dirname, 'src', path)
const output = (path: string) => resolve(import.meta.dirname, 'out', path)

/**
 * One build of three parts. Packages of package.json's `dependencies` stay outside the bundle of main, native
 * ones among them. All files of out/main lie flat in one folder, so that `new URL('./writer-thread.js',
 * import.meta.url)` means the same file from an entry and from a chunk.
 */
export default defineConfig({
  main: {
    build: {
      outDir: output('main'),
      sourcemap: true,
      rolldownOptions: {
        input: {
          desktop: source('main/desktop/main.ts'),
          engine: source('main/engine/utility.ts'),
          cli: source('main/cli/main.ts'),
          'writer-thread': source('main/engine/writer-thread.ts'),
          'cube-thread': source('main/cube/cube-thread.ts'),
          'reader-thread': source('main/collect/reader-thread.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunk-[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: output('preload'),
      sourcemap: true,
      // A sandboxed preload can require nothing but electron, so everything else is bundled, as CommonJS.
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: source('preload/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: source('renderer'),
    plugins: [
      react(),
      // electron-vite builds for `./`, with which a page opened below the root, as /customers/acme, finds no script.
      { name: 'address-from-the-root', config: () => ({ base: '/' }) },
    ],
    build: {
      outDir: output('renderer'),
      emptyOutDir: true,
      sourcemap: true,
      rolldownOptions: { input: source('renderer/index.html') },
    },
  },
})
