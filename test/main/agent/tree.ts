/** A made-up cgroup v2 tree in a folder. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Of a cgroup's files; what is left out is not there, as where a controller is off. */
export interface Counters {
  readonly cpuMicros: number
  readonly memory?: number
  readonly io?: string
}

const writeFile = (path: string, text: string): void => {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

export const makeRoot = (folder: string): string => {
  const root = join(folder, 'cgroup')
  mkdirSync(root, { recursive: true })
  writeFileSync(join(root, 'cgroup.controllers'), 'cpu io memory\n')
  return root
}

export const writeCgroup = (root: string, path: string, { cpuMicros, memory, io }: Counters): void => {
  const folder = join(root, path)
  mkdirSync(folder, { recursive: true })
  writeFile(join(folder, 'cpu.stat'), `usage_usec ${cpuMicros}\nuser_usec ${cpuMicros}\nsystem_usec 0\n`)
  if (memory !== undefined) writeFile(join(folder, 'memory.current'), `${memory}\n`)
  if (io !== undefined) writeFile(join(folder, 'io.stat'), io)
}
