/** Tokens that may push events: made, listed and refused. Only a hash of each is kept. */
import { randomBytes } from 'node:crypto'
import { newId } from '../clock.ts'
import { api, type EngineState } from '../engine-state.ts'
import { tokenHash } from '../ingesting/ingest.ts'
import { notFound } from '../refusals.ts'

/** So that a token is known for what it is where one is found lying about. */
const PREFIX = 'chi_'

export const ingestTokensHandlers = (engine: EngineState) => ({
  list: api.ingestTokens.list.handler(() => {
    const session = engine.session()
    const lastBatchOf = new Map(session.sources().map((each) => [each.sourceKey, each.lastBatchId]))
    return session.all('ingest_token').map(({ id, version, content: { sha256: _, ...told } }) => {
      const batchId = lastBatchOf.get(told.source)
      return {
        ...told,
        revokedMs: told.revokedMs ?? null,
        id,
        version,
        lastDeliveryMs: batchId === undefined ? null : session.recordedMsOf(batchId),
      }
    })
  }),
  create: api.ingestTokens.create.handler(async ({ input: { name, source } }) => {
    const session = engine.session()
    const token = `${PREFIX}${randomBytes(32).toString('base64url')}`
    const id = newId()
    const content = {
      id,
      name,
      source,
      createdMs: session.clock.nowMs(),
      sha256: tokenHash(token),
    }
    await session.put(`Token to push events: ${name}`, [
      { kind: 'ingest_token', id, content, expectedVersion: 0 },
    ])
    return { id, token }
  }),
  revoke: api.ingestTokens.revoke.handler(async ({ input: { id, expectedVersion } }) => {
    const session = engine.session()
    const found = session.one('ingest_token', id)
    if (found === null) throw notFound(`There is no token ${id} in this book.`)
    // What refuses it already did so from the day that it names.
    if (found.content.revokedMs !== undefined) return
    const content = { ...found.content, revokedMs: session.clock.nowMs() }
    await session.put(`Token to push events refused: ${found.content.name}`, [
      { kind: 'ingest_token', id, content, expectedVersion },
    ])
  }),
})
