/**
 * Events that programs push. What waits is committed together, one batch a group, and whoever pushed is answered only
 * once the batch is in the ledger; when too much waits, nothing more is taken.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { ImportResult } from '../../../contract/book.ts'
import { newId } from '../clock.ts'
import { withSpooled } from '../collecting/collect.ts'
import type { EngineState } from '../engine-state.ts'
import { asContractError } from '../machine-failure.ts'
import { refusalOf } from '../read-only.ts'
import { noBook, readOnly } from '../refusals.ts'
import { importContext, type Session } from '../session.ts'
import { runStream } from '../stream.ts'

const HELD_BYTES_MAX = 32 * 1024 * 1024
const WAITING_PUSHES_MAX = 1000
/** Of one batch: what waits beyond it is the next one's. */
const GROUP_BYTES_MAX = 8 * 1024 * 1024
const NEVER = new AbortController().signal

/** Who pushes. */
export interface Pusher {
  readonly name: string
  readonly source: string
}

export interface Pushed {
  readonly batchId: number | null
  /** Pushes that were committed together: the counts are of all of them. */
  readonly pushes: number
  readonly added: number
  readonly duplicate: number
  readonly conflict: number
  readonly quarantined: number
}

export interface Ingest {
  /** Who the token is of; null where it is none that may push. Takes the same time whichever it is. */
  readonly pusherOf: (token: string) => Pusher | null
  /** Whether so many bytes more can wait. */
  readonly hasRoom: (bytes: number) => boolean
  /**
   * Resolves once the lines are in the ledger; null where there is no room for them.
   * @throws READ_ONLY, NO_BOOK, REFUSED
   */
  readonly push: (pusher: Pusher, lines: string) => Promise<Pushed> | null
  /** Waits for what is being committed; what waits behind it is refused. */
  readonly stop: () => Promise<void>
}

interface Waiting {
  readonly pusher: Pusher
  readonly lines: string
  readonly bytes: number
  readonly resolve: (pushed: Pushed) => void
  readonly reject: (error: unknown) => void
}

/** What is kept of a token: nobody can make it from this. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex')

const commit = async (
  session: Session,
  { name, source }: Pusher,
  group: readonly Waiting[],
): Promise<ImportResult> => {
  const title = `${name}: ${group.length} push${group.length === 1 ? '' : 'es'}`
  const choice = { kind: 'cloudevents' } as const
  const content = group.map(({ lines }) => lines).join('\n')
  return withSpooled(session.uploads.directory, { title, choice, content, checkpoint: null }, async (path) =>
    runStream(
      await session.writer.importFile({
        work: newId(),
        request: { path, name: title, source, choice, delivery: 'add', sameId: 'conflict' },
        context: importContext(session, []),
      }),
      { signal: NEVER, progress: () => undefined },
    ),
  )
}

export const openIngest = (engine: EngineState): Ingest => {
  const waiting: Waiting[] = []
  /** Of what waits and of what is being committed. */
  let heldBytes = 0
  let working: Promise<void> | null = null
  let following: Promise<void> | null = null
  let behind = false
  let stopped = false

  const openBook = (): Session => {
    const why = engine.readOnly()
    if (why !== null) throw readOnly(refusalOf(engine.directory, why))
    const session = stopped ? null : engine.openedSession()
    if (session === null) throw noBook()
    return session
  }

  /** The next ones of one source, in the order they came. */
  const nextGroup = (): readonly Waiting[] => {
    const [first] = waiting
    if (first === undefined) return []
    const group: Waiting[] = []
    let bytes = 0
    for (const each of waiting) {
      if (each.pusher.source !== first.pusher.source) continue
      if (group.length > 0 && bytes + each.bytes > GROUP_BYTES_MAX) break
      group.push(each)
      bytes += each.bytes
    }
    for (const each of group) waiting.splice(waiting.indexOf(each), 1)
    return group
  }

  const settle = async (group: readonly Waiting[]): Promise<void> => {
    const [first] = group
    if (first === undefined) return
    try {
      const { batchId, added, duplicate, conflict, quarantined } = await commit(
        openBook(),
        first.pusher,
        group,
      )
      for (const { resolve } of group)
        resolve({ batchId, pushes: group.length, added, duplicate, conflict, quarantined })
    } catch (error) {
      if (group.length === 1) first.reject(asContractError(error, engine.directory))
      // One of them spoilt it for all; alone, only that one is refused.
      else for (const each of group) await settle([each])
    }
  }

  /** Reports follow beside the commits, as often as they can. That they lag is told elsewhere; what came is kept. */
  const follow = async () => {
    while (behind) {
      behind = false
      await engine
        .openedSession()
        ?.follow()
        .catch(() => undefined)
    }
    following = null
  }

  const work = async () => {
    while (waiting.length > 0) {
      const group = nextGroup()
      await settle(group)
      for (const { bytes } of group) heldBytes -= bytes
      behind = true
      following ??= Promise.resolve().then(follow)
    }
    working = null
  }

  const hasRoom: Ingest['hasRoom'] = (bytes) =>
    waiting.length < WAITING_PUSHES_MAX && heldBytes + bytes <= HELD_BYTES_MAX

  return {
    pusherOf: (token) => {
      const given = Buffer.from(tokenHash(token), 'hex')
      let found: Pusher | null = null
      for (const { content } of engine.openedSession()?.all('ingest_token') ?? [])
        if (timingSafeEqual(given, Buffer.from(content.sha256, 'hex')) && content.revokedMs === undefined)
          found = content
      return found
    },
    hasRoom,
    push: (pusher, lines) => {
      const bytes = Buffer.byteLength(lines)
      if (!hasRoom(bytes)) return null
      openBook()
      return new Promise((resolve, reject) => {
        waiting.push({ pusher, lines, bytes, resolve, reject })
        heldBytes += bytes
        working ??= Promise.resolve().then(work)
      })
    },
    stop: async () => {
      stopped = true
      for (const { reject } of waiting.splice(0)) reject(noBook())
      await working
      await following
    },
  }
}
