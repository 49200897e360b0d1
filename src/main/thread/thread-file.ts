/**
 * The file a thread is started from. Run from source the entry is TypeScript near the code that starts it; in the
 * built program every entry and every shared chunk lies flat in out/main, the entry under its own name.
 *
 * @param moduleUrl `import.meta.url` of the caller
 * @param source the entry's path relative to the caller's source file, with its ending: `./cube-thread.ts`
 * @param name the entry's name in the build, without ending: `cube-thread`
 */
export function threadFile(moduleUrl: string, source: string, name: string): URL {
  return new URL(new URL(moduleUrl).pathname.endsWith('.ts') ? source : `./${name}.js`, moduleUrl)
}
