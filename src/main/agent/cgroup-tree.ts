/**
 * The counters of a cgroup v2 tree, as the kernel's "Control Group v2" document has them: `cpu.stat`, `memory.current`,
 * `io.stat`. A cgroup's numbers hold those of all below it, so nothing below a chosen one is chosen again.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type DecimalText, integerToDecimal, parseDecimal } from '../../domain/decimal.ts'
import { SourceFailure } from '../collect/collector.ts'

export interface Reading {
  /**
   * Of this cgroup and no later one at the same path: the machine's boot and the directory's inode number, which the
   * kernel counts up and does not give twice.
   */
  readonly key: string
  readonly path: string
  /** What the pattern's named groups found in the path. */
  readonly groups: Readonly<Record<string, string>>
  /** Null where it is there and could not be read this time. */
  readonly values: {
    /** `cpu` in seconds; `8:0/rbytes` and the like by device, because a device that goes away takes its counts along. */
    readonly counters: Readonly<Record<string, DecimalText>>
    /** Bytes; null where the memory controller is off. */
    readonly memory: DecimalText | null
  } | null
}

/** Gone between two looks at it: a removed cgroup's open files answer ENODEV. */
const isGone = (error: unknown): boolean =>
  /^(ENOENT|ENODEV|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? '')

/** A file's text; null where the cgroup has none, as its controller is off. */
const fileOf = (folder: string, name: string): string | null => {
  try {
    return readFileSync(join(folder, name), 'latin1')
  } catch (error) {
    if (isGone(error)) return null
    throw error
  }
}

/** `usage_usec`, as seconds. */
export const cpuSeconds = (cpuStat: string): DecimalText | null => {
  const micros = /^usage_usec (\d+)$/m.exec(cpuStat)?.[1]
  return micros === undefined ? null : integerToDecimal(BigInt(micros), 6)
}

const IO_COUNTERS = ['rbytes', 'wbytes', 'rios', 'wios'] as const

/** Counters by device, `8:0/rbytes`; discards and what else the kernel says are not usage. */
const ioCounters = (ioStat: string, skipped: readonly string[]): Record<string, DecimalText> => {
  const found: Record<string, DecimalText> = {}
  for (const [, device = '', rest = ''] of ioStat.matchAll(/^(\d+:\d+) (.*)$/gm)) {
    if (skipped.includes(device)) continue
    for (const name of IO_COUNTERS) {
      const value = parseDecimal(new RegExp(`\\b${name}=(\\d+)`).exec(rest)?.[1] ?? '')
      if (value !== null) found[`${device}/${name}`] = value
    }
  }
  return found
}

const valuesOf = (folder: string, skipDevices: readonly string[]): Reading['values'] | 'gone' => {
  try {
    // Without any cpu.stat it was removed: every cgroup but the root has one, whatever controllers are on.
    const cpu = cpuSeconds(fileOf(folder, 'cpu.stat') ?? '')
    if (cpu === null) return 'gone'
    const memory = fileOf(folder, 'memory.current')
    const io = fileOf(folder, 'io.stat')
    return {
      counters: { cpu, ...(io === null ? {} : ioCounters(io, skipDevices)) },
      memory: memory === null ? null : parseDecimal(memory.trim()),
    }
  } catch {
    return null
  }
}

export interface Choice {
  readonly root: string
  readonly match: string
  readonly skipDevices: readonly string[]
}

/**
 * Reads every chosen cgroup once.
 * @param boot the machine's boot id
 * @throws SourceFailure where the root is no cgroup v2, or a folder cannot be listed: what is missing is then not gone
 */
export const readTree = ({ root, match, skipDevices }: Choice, boot: string): readonly Reading[] => {
  if (!existsSync(join(root, 'cgroup.controllers')))
    throw new SourceFailure(
      `${root} is no cgroup v2 (it has no cgroup.controllers). On a machine with both versions version 2 is at /sys/fs/cgroup/unified; a container needs the host’s mounted.`,
      { retryable: false },
    )
  const pattern = new RegExp(match)
  const found: Reading[] = []
  const look = (path: string): void => {
    const folder = join(root, path)
    const groups = path === '' ? null : pattern.exec(path)
    if (groups === null) {
      for (const entry of readdirSync(folder, { withFileTypes: true }))
        if (entry.isDirectory()) lookInto(path === '' ? entry.name : `${path}/${entry.name}`)
      return
    }
    const { ino } = statSync(folder, { bigint: true })
    const values = valuesOf(folder, skipDevices)
    if (values === 'gone') return
    const named = Object.entries(groups.groups ?? {}).filter(([, value]) => value !== undefined)
    found.push({ key: `${boot}.${ino}`, path, groups: Object.fromEntries(named), values })
  }
  const unreadable = (path: string, error: unknown) =>
    error instanceof SourceFailure
      ? error
      : new SourceFailure(`The cgroup ${path} cannot be read: ${(error as Error).message}.`, {
          retryable: true,
        })
  const lookInto = (path: string): void => {
    try {
      look(path)
    } catch (error) {
      if (!isGone(error)) throw unreadable(path, error)
    }
  }
  try {
    look('')
  } catch (error) {
    throw unreadable(root, error)
  }
  return found
}
