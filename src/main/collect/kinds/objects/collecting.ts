/** Files of a store, each version taken once: usage as it is written there, and cost exports by their manifests. */
import { z } from 'zod'
import { type CheckFinding, type CollectContext, type Page, SourceFailure } from '../../collector.ts'
import { type Delivery, deliveryOf, deliveryText, type ExportLayout, newestManifests } from './exports.ts'
import { type ContentsConfig, choiceOf, segmentOf } from './settings.ts'
import { bytesByTenant, type StorageMeter, storageLines, tenantOfKey } from './storage.ts'
import { listObjects, type ObjectStore, type StoredObject, wholeObject } from './store.ts'
import { notTaken, readTaken, type Taken, withTaken } from './taken.ts'
import { DamagedObject, linesOf, unpacked } from './unpack.ts'

const HOUR = 3_600_000

/** A line as the reader of access logs takes it; null where it is none. */
type LineOf = (line: string) => string | null

export interface StoreKind<Config extends ContentsConfig> {
  /** What is in it: `object`, `blob`. */
  readonly word: string
  readonly meter: StorageMeter
  readonly layout: ExportLayout
  readonly open: (context: CollectContext<Config>) => Promise<ObjectStore>
  /** By `contents`, logs in shapes of the store's own: one a file. */
  readonly logs: Readonly<Record<string, () => LineOf>>
}

const counted = (count: number, one: string) =>
  `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`

/**
 * Lines as they are taken. Where a packed file is damaged, what comes before the damage counts as in any file, and a
 * last line that is none goes to the quarantine and says so: the source does not stand still for ever.
 */
async function* logText(
  bytes: AsyncIterable<Uint8Array>,
  key: string,
  lineOf: LineOf,
): AsyncIterable<Uint8Array> {
  try {
    for await (const line of linesOf(unpacked(bytes, key))) {
      const text = lineOf(line)
      if (text !== null) yield Buffer.from(`${text}\n`)
    }
  } catch (error) {
    if (!(error instanceof DamagedObject)) throw error
    yield Buffer.from(`${error.message}\n`)
  }
}

const isIn =
  (range: CollectContext<unknown>['range']) =>
  ({ modifiedMs }: StoredObject): boolean =>
    range === null || (modifiedMs >= range.startMs && modifiedMs < range.endMs)

async function* collectFiles<Config extends ContentsConfig>(
  { layout, logs, open }: StoreKind<Config>,
  context: CollectContext<Config>,
): AsyncIterable<Page> {
  const { config: settings, range, source } = context
  const store = await open(context)
  let taken: Taken = readTaken(context.checkpoint)
  const checkpoint = () =>
    range === null ? { untilMs: taken.untilMs, taken: [...taken.taken] } : context.checkpoint
  try {
    const objects = await listObjects(store, settings.prefix)
    const isExport = settings.contents === 'cost_export'
    // The newest period first: a damaged export of an older one must not keep it from being read, nor be forgotten.
    const overlapMs = isExport ? Number.POSITIVE_INFINITY : undefined
    const candidates = isExport ? newestManifests(layout, objects).toReversed() : objects
    const wanted = range === null ? notTaken(candidates, taken, overlapMs) : candidates.filter(isIn(range))
    let refusal: SourceFailure | null = null
    for (const object of wanted) {
      const shared = { choice: choiceOf(settings), delivery: 'restate' as const }
      if (isExport) {
        let delivery: Delivery | null
        try {
          delivery = await deliveryOf(store, layout, object, objects)
        } catch (error) {
          // A manifest that cannot be taken keeps no other period from being read, and is said at the end.
          if (!(error instanceof SourceFailure) || error.retryable) throw error
          refusal ??= error
          continue
        }
        if (delivery === null) continue
        taken = withTaken(taken, object, overlapMs)
        yield {
          ...shared,
          title: `${source}: ${delivery.period}, ${counted(delivery.files.length, 'file')}`,
          content: deliveryText(store, layout, delivery),
          checkpoint: checkpoint(),
        }
      } else {
        taken = withTaken(taken, object)
        const bytes = store.bytes(object)
        const lineOf = logs[settings.contents]?.()
        yield {
          ...shared,
          title: `${source}: ${object.key}`,
          content: lineOf === undefined ? bytes : logText(bytes, object.key, lineOf),
          checkpoint: checkpoint(),
        }
      }
    }
    if (refusal !== null) throw refusal
  } finally {
    store.close()
  }
}

const lookedAt = (checkpoint: CollectContext<unknown>['checkpoint']): number | null => {
  const read = z.object({ lookedMs: z.number() }).safeParse(checkpoint)
  return read.success ? read.data.lookedMs : null
}

const tenantFinder =
  (settings: ContentsConfig) =>
  (key: string): string | null =>
    tenantOfKey(key, settings.prefix, segmentOf(settings))

/** The first look counts an hour. What is gone can't be looked at, so of a past range there is nothing. */
async function* collectStorage<Config extends ContentsConfig>(
  { meter, open, word }: StoreKind<Config>,
  context: CollectContext<Config>,
): AsyncIterable<Page> {
  const { config: settings, range, nowMs, source } = context
  if (range !== null) return
  const store = await open(context)
  try {
    const objects = await listObjects(store, settings.prefix)
    const since = { startMs: Math.min(lookedAt(context.checkpoint) ?? nowMs - HOUR, nowMs), endMs: nowMs }
    yield {
      title: `${source}: storage of ${counted(objects.length, word)}`,
      choice: choiceOf(settings),
      content: storageLines(objects, since, meter, store.name, tenantFinder(settings)).join('\n'),
      checkpoint: { lookedMs: nowMs },
    }
  } finally {
    store.close()
  }
}

export const collectFrom = <Config extends ContentsConfig>(
  kind: StoreKind<Config>,
  context: CollectContext<Config>,
): AsyncIterable<Page> =>
  context.config.contents === 'storage' ? collectStorage(kind, context) : collectFiles(kind, context)

const checkStorage = (settings: ContentsConfig, objects: readonly StoredObject[]): CheckFinding => {
  const sums = bytesByTenant(objects, tenantFinder(settings))
  const nobody = sums.find(([tenant]) => tenant === null)?.[1] ?? 0n
  const tenants = sums.filter(([tenant]) => tenant !== null)
  const largest = tenants.slice(0, 3).map(([tenant, bytes]) => `${tenant} ${bytes.toLocaleString('en')}`)
  return {
    state: tenants.length === 0 ? 'warning' : 'works',
    sentence: `${counted(tenants.length, 'tenant')} by folder ${segmentOf(settings)} behind the prefix${
      largest.length === 0 ? '' : `, in bytes now: ${largest.join(', ')}`
    }.${nobody === 0n ? '' : ` ${nobody.toLocaleString('en')} bytes are in no such folder and are left out.`}`,
  }
}

export const checkStore = async <Config extends ContentsConfig>(
  { layout, open, word }: StoreKind<Config>,
  context: CollectContext<Config>,
): Promise<readonly CheckFinding[]> => {
  const { prefix, contents } = context.config
  const isExport = contents === 'cost_export'
  const store = await open(context)
  try {
    const objects = await listObjects(store, prefix)
    const candidates = isExport ? newestManifests(layout, objects) : objects
    const newest = candidates.at(-1)
    const place = `${store.name}/${prefix}`
    if (newest === undefined)
      return [
        {
          state: 'warning',
          sentence: isExport
            ? `There is no manifest under ${place} yet. ${layout.firstDelivery}`
            : `There is no ${word} under ${place} yet. Check the prefix, or wait for the first one.`,
        },
      ]
    if (contents === 'storage') return [checkStorage(context.config, objects)]
    await wholeObject(store, newest, { start: 0, end: Math.min(newest.size, 1) })
    const findings: CheckFinding[] = [
      {
        state: 'works',
        sentence: `${counted(candidates.length, isExport ? 'billing period' : word)} under ${place}; the newest, ${newest.key}, can be read.`,
      },
    ]
    if (isExport && (await deliveryOf(store, layout, newest, objects)) === null)
      findings.push({
        state: 'warning',
        sentence: `${layout.provider} is writing the newest export now, or files of it are missing. It is read once it is whole.`,
      })
    return findings
  } finally {
    store.close()
  }
}
