/** The agent: it measures by the clock, keeps what came of it, and sends that until it is taken. */
import { mkdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { SourceFailure } from '../collect/collector.ts'
import type { AgentConfig, EndpointConfig } from './config.ts'
import { apiServer, type Pod, podsOf, SERVICE_ACCOUNT } from './kubernetes.ts'
import { takeFolder } from './lock.ts'
import { startMeasuring } from './measuring.ts'
import { openOutput } from './outputs/open-output.ts'
import { startSender } from './sending.ts'
import { openStore } from './store.ts'
import { startTelling } from './telling.ts'

/** Pods that are not known are asked for no more often than this. */
const PODS_EVERY_MS = 10_000
/** So long may sending take after the signal to stop: Kubernetes gives 30 seconds in all. */
const STOP_MS = 10_000
const BOOT_ID = '/proc/sys/kernel/random/boot_id'

export interface World {
  readonly nowMs: () => number
  /** From 0 to below 1, for jitter. */
  readonly random: () => number
  readonly newId: () => string
  readonly environment: NodeJS.ProcessEnv
  /** A line for who watches the process. */
  readonly say: (sentence: string) => void
  /** The machine's boot; read from the kernel unless told. */
  readonly boot?: string
  /** Folder of the pod's service account. */
  readonly serviceAccount?: string
}

export interface Summary {
  /** Since the start. */
  readonly events: number
  readonly filesSent: number
  readonly filesWaiting: number
  readonly bytesWaiting: number
  readonly cgroups: number
}

export interface Agent {
  /** Measures and sends until the signal; then ends the open windows, and sends what it can in ten seconds. */
  readonly run: (signal: AbortSignal) => Promise<Summary>
  /** One sample of everything, the windows ended with it, and all sent. @throws SourceFailure */
  readonly once: (signal: AbortSignal) => Promise<Summary>
  readonly close: () => void
}

const SHORT = 8

/** @throws Error in words on a machine without cgroups */
const readBoot = (): string => {
  try {
    return readFileSync(BOOT_ID, 'latin1').trim()
  } catch (error) {
    throw new Error(
      `This machine has no cgroups: ${(error as Error).message}. Leave cgroups out of the configuration.`,
    )
  }
}

/** @throws Error in words where the state folder cannot be used */
export const openAgent = async (config: AgentConfig, world: World): Promise<Agent> => {
  const { nowMs, environment, random } = world
  mkdirSync(config.stateFolder, { recursive: true, mode: 0o750 })
  const lock = await takeFolder(config.stateFolder)
  if (lock === false)
    throw new Error(`Another agent is at work in ${config.stateFolder}. Give each a state folder of its own.`)
  const store = openStore(config.stateFolder, () => world.newId().slice(0, SHORT))
  const output = await openOutput(config.output, environment)
  const { say, complain, recover } = startTelling(world.say)
  const sender = startSender(store, output, config.name, {
    random,
    complain: (sentence) => complain('sending', sentence),
    recover: () => recover('sending'),
  })
  const measuring = startMeasuring(config, store, {
    nowMs,
    boot: (world.boot ?? (config.cgroups === undefined ? '' : readBoot())).slice(0, SHORT),
    environment,
    onEvents: sender.wake,
  })

  let pods: ReadonlyMap<string, Pod> | null = config.cgroups?.asksKubernetes ? new Map() : null
  const askPods = async (signal: AbortSignal): Promise<void> => {
    const server = apiServer(environment, world.serviceAccount ?? SERVICE_ACCOUNT)
    pods = await podsOf(server, environment.NODE_NAME || config.name, signal)
  }
  const units = () => Object.values(store.state().cgroups?.units ?? {})
  const summary = (): Summary => ({
    events: measuring.events(),
    filesSent: sender.sentFiles(),
    filesWaiting: store.waiting().length,
    bytesWaiting: store.bytes(),
    cgroups: units().filter(({ isGone }) => !isGone).length,
  })
  const sayHealth = () => {
    const { events, filesSent, filesWaiting, bytesWaiting, cgroups } = summary()
    say(
      `${cgroups} cgroups and ${config.prometheus.length} endpoints are watched; ${events} events since the start, ${filesSent} files sent, ${filesWaiting} wait (${Math.ceil(bytesWaiting / 1024)} KB).`,
    )
  }

  /** Does it; a failure of what is measured or sent to is said and passes, anything else ends the agent. */
  const trying = async (
    topic: string,
    work: () => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<void> => {
    try {
      await work()
      recover(topic)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof SourceFailure)) throw error
      complain(topic, error.message)
    }
  }

  /** Does it now, and then at each multiple of the time. */
  const every = async (seconds: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> => {
    const ms = seconds * 1000
    while (!signal.aborted) {
      await work()
      await wait(ms - (nowMs() % ms) + 1, undefined, { signal }).catch(() => undefined)
    }
  }

  const scraping = (endpoint: EndpointConfig, signal: AbortSignal) =>
    every(endpoint.everySeconds, signal, () =>
      trying(`endpoint ${endpoint.name}`, () => measuring.scrape(endpoint, signal), signal),
    )

  const sampling = (signal: AbortSignal) => {
    let isAsking = false
    let askedMs = Number.NEGATIVE_INFINITY
    const namePods = () => {
      const isDue = Math.abs(nowMs() - askedMs) >= PODS_EVERY_MS
      if (pods === null || isAsking || !isDue || units().every(({ owner }) => owner !== null)) return
      isAsking = true
      askedMs = nowMs()
      // Not waited for: the next sample has the names.
      void trying('kubernetes', () => askPods(signal), signal).finally(() => {
        isAsking = false
      })
    }
    return every(config.sampleSeconds, signal, async () => {
      await trying('cgroups', () => measuring.sampleCgroups(pods, false), signal)
      namePods()
    })
  }

  const health = async (signal: AbortSignal): Promise<void> => {
    let isFirst = true
    await every(config.windowSeconds, signal, async () => {
      if (!isFirst) sayHealth()
      isFirst = false
    })
  }

  const stop = async (): Promise<void> => {
    const limit = AbortSignal.timeout(STOP_MS)
    await trying('cgroups', () => measuring.sampleCgroups(pods, true), limit)
    await trying('sending', () => sender.sendAll(limit), limit)
    sayHealth()
  }

  return {
    run: async (signal) => {
      say(`Agent ${config.name} has begun: events go to ${output.place}.`)
      const ending = new AbortController()
      const until = AbortSignal.any([signal, ending.signal])
      try {
        await Promise.all([
          config.cgroups === undefined ? undefined : sampling(until),
          ...config.prometheus.map((endpoint) => scraping(endpoint, until)),
          sender.run(until),
          health(until),
        ])
      } finally {
        ending.abort()
      }
      await stop()
      return summary()
    },
    once: async (signal) => {
      if (pods !== null) await askPods(signal)
      measuring.sampleCgroups(pods, true)
      for (const endpoint of config.prometheus) await measuring.scrape(endpoint, signal)
      await sender.sendAll(signal)
      return summary()
    },
    close: () => {
      output.close()
      lock.release()
    },
  }
}
