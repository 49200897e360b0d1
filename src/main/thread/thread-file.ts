/**
 * The file a thread is started from. Run from source the entry is TypeScript beside the code that starts it; in the
 * built program every entry lies in out/main under its own name, and shared code in out/main/chunks.
 *
 * @param moduleUrl `import.meta.url` of the caller
 * @param source the entry's path relative to the caller's source file, with its ending: `./cube-thread.ts`
 * @param name the entry's name in the build, without ending: `cube-thread`
 */
export function threadFile(moduleUrl: string, source: string, name: string): URL {
  const path = new URL(moduleUrl).pathname
  if (path.endsWith('.ts')) return new URL(source, moduleUrl)
  return new URL(/\/chunks\/[^/]*$/.test(path) ? `../${name}.js` : `./${name}.js`, moduleUrl)
}
