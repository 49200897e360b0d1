/** A scratch house with the real rules, in which a test may break them. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** Makes a folder with the named files of ours and the given sources, runs a program of it there and removes it. */
export const runInScratchHouse = (
  ours: readonly string[],
  sources: Readonly<Record<string, string>>,
  program: string,
  args: readonly string[],
): { code: number | null; text: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'countinghouse-ground-'))
  try {
    for (const path of ours) cpSync(join(root, path), join(folder, path), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
    for (const [path, text] of Object.entries(sources)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const outcome = spawnSync(process.execPath, [join(folder, program), ...args], {
      cwd: folder,
      encoding: 'utf8',
    })
    return { code: outcome.status, text: `${outcome.stdout}${outcome.stderr}` }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
