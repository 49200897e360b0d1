/** What measures, on a tree and by a clock that are the test's. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type DecimalText, sumDecimals } from '../../../src/domain/decimal.ts'
import { type AgentConfig, readConfig } from '../../../src/main/agent/config.ts'
import type { Pod } from '../../../src/main/agent/kubernetes.ts'
import { startMeasuring } from '../../../src/main/agent/measuring.ts'
import { openStore, type Store } from '../../../src/main/agent/store.ts'
import { makeRoot } from './tree.ts'

export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'countinghouse-agent-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Reads a configuration as the command does. @throws Error with its faults */
export const configOf = (folder: string, document: object, hostname = 'host'): AgentConfig => {
  const path = join(folder, 'agent.json')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, JSON.stringify(document))
  const config = readConfig(path, {}, hostname)
  if (!('output' in config))
    throw new Error(config.map((fault) => `${fault.path}: ${fault.message}`).join('\n'))
  return config
}

export interface Event {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject?: string
  readonly time: string
  readonly data: {
    readonly value: string
    readonly from?: string
    readonly to?: string
    readonly dimensions: Readonly<Record<string, string>>
  }
}

/** Every event in the spool. */
export const spooled = (store: Store): readonly Event[] =>
  store
    .waiting()
    .flatMap(({ number }) => store.read(number).split('\n').filter(Boolean))
    .map((line) => JSON.parse(line) as Event)

export const total = (events: readonly Event[], metric: string): string =>
  sumDecimals(events.filter(({ type }) => type === metric).map(({ data }) => data.value as DecimalText))

/** `acme cgroup.cpu.seconds 1.5 12:00:00–12:05:00`, one an event. */
export const rowsOf = (events: readonly Event[]): readonly string[] =>
  events.map(({ subject = '–', type, time, data }) => {
    const [from, to] = [data.from ?? time, data.to ?? time].map((text) => text.slice(11, 19))
    return `${subject} ${type} ${data.value} ${from}–${to}`
  })

export interface Bench {
  readonly root: string
  readonly store: () => Store
  /** Moves the clock and takes a sample. */
  readonly at: (time: string, isLast?: boolean) => void
  /** Ends the program without a word to it, and begins it again on the same folder. */
  readonly restart: (changes?: { readonly boot?: string; readonly cgroups?: object }) => void
  pods: ReadonlyMap<string, Pod> | null
}

/**
 * What measures, with a window of five minutes, on a tree of the test's.
 * @param stateFolder beside the tree unless it is said
 */
export const openBench = (cgroups: object, settings: object = {}, stateFolder?: string): Bench => {
  const folder = temporaryFolder()
  const root = makeRoot(folder)
  let nowMs = 0
  let boot = 'boot1'
  let chosen: object = cgroups
  const open = () => {
    const config = configOf(folder, {
      name: 'node-1',
      stateFolder: stateFolder ?? join(folder, 'state'),
      cgroups: { root, tenantFrom: 'group:tenant', ...chosen },
      output: { kind: 'folder', folder: join(folder, 'out') },
      ...settings,
    })
    const store = openStore(config.stateFolder, () => 'instance')
    const measuring = startMeasuring(config, store, {
      nowMs: () => nowMs,
      boot,
      environment: {},
      onEvents: () => undefined,
    })
    return { store, measuring }
  }
  let opened = open()
  const bench: Bench = {
    root,
    pods: null,
    store: () => opened.store,
    at: (time, isLast = false) => {
      nowMs = Date.parse(`2026-11-02T${time}Z`)
      opened.measuring.sampleCgroups(bench.pods, isLast)
    },
    restart: (changes = {}) => {
      boot = changes.boot ?? boot
      chosen = changes.cgroups ?? chosen
      opened = open()
    },
  }
  return bench
}
