/**
 * How values cross between two threads: by structured clone, as they are. oRPC's own port adapter writes JSON text
 * with a path for every bigint, which costs seconds for a page of ledger rows and cannot carry a Uint8Array at all.
 */
import { ErrorEvent, mapEventIterator, ORPCError } from '@orpc/client'
import { StandardRPCJsonSerializer, StandardRPCSerializer } from '@orpc/client/standard'

/** The message of a call or answer as oRPC hands it over before it is posted: id, kind, payload. */
type PortMessage = readonly [id: string, kind: number, payload: unknown]

function isAsyncIterator(value: unknown): value is AsyncIteratorObject<unknown, unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value && 'next' in value
}

/**
 * Any thrown value as the error the other side sees. An ORPCError is kept whole. A bug keeps its sentence, its name
 * and its code (SQLITE_FULL, ENOSPC), so that the engine can say what went wrong; the stack stays in the thread.
 */
export function errorForOtherSide(thrown: unknown): ORPCError<string, unknown> {
  if (thrown instanceof ORPCError) return thrown
  if (!(thrown instanceof Error)) {
    return new ORPCError('INTERNAL_SERVER_ERROR', { message: String(thrown), cause: thrown })
  }
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null
  return new ORPCError('INTERNAL_SERVER_ERROR', {
    message: thrown.message,
    data: { name: thrown.name, code },
    cause: thrown,
  })
}

/** Passes values through untouched; only event iterators are mapped, because an error in one must arrive as data. */
export class StructuredSerializer extends StandardRPCSerializer {
  constructor() {
    super(new StandardRPCJsonSerializer())
  }

  override serialize(data: unknown): object {
    if (!isAsyncIterator(data)) return { value: data }
    return mapEventIterator(data, {
      value: async (value) => ({ value }),
      error: async (error) =>
        new ErrorEvent({ data: { value: errorForOtherSide(error).toJSON() }, cause: error }),
    })
  }

  override deserialize(data: unknown): unknown {
    // The base class turns the error events of an iterator back into ORPCErrors, and reads `json` of each event.
    if (isAsyncIterator(data))
      return super.deserialize(mapEventIterator(data, { value: asJson, error: errorAsJson }))
    return (data as { value: unknown } | undefined)?.value
  }
}

async function asJson(event: unknown): Promise<{ json: unknown }> {
  return { json: (event as { value: unknown } | undefined)?.value }
}

async function errorAsJson(error: unknown): Promise<unknown> {
  return error instanceof ErrorEvent
    ? new ErrorEvent({ data: await asJson(error.data), cause: error.cause })
    : error
}

const handedOver = new WeakMap<object, readonly ArrayBuffer[]>()

/** Marks a procedure's answer, so that these buffers of it move to the caller instead of being copied. */
export function handingOver<Answer extends object>(answer: Answer, buffers: readonly ArrayBuffer[]): Answer {
  handedOver.set(answer, buffers)
  return answer
}

/**
 * Tells oRPC's adapter to post a message as an object (with what is handed over as its transfer list) instead of as
 * JSON text. The message that opens an event iterator cannot be cloned and goes as text; its events follow as objects
 * again.
 */
export function postAsObject(message: PortMessage): object[] | null {
  const payload = message[2]
  const body = typeof payload === 'object' && payload !== null && 'body' in payload ? payload.body : undefined
  if (isAsyncIterator(body)) return null
  const value = typeof body === 'object' && body !== null && 'value' in body ? body.value : undefined
  return typeof value === 'object' && value !== null ? [...(handedOver.get(value) ?? [])] : []
}
