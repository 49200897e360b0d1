/** Tokens that may push events: made, listed and refused. Only a hash of each is kept. */
import { randomBytes } from 'node:crypto'
import { newId } from '../clock.ts'
import { api, type EngineState } from '../engine-state.ts'
import { tokenHash } from '../ingesting/ingest.ts'

/** So that a token is known for what it is where one is found lying about. */
const PREFIX = 'chi_'

export const ingestTokensHandlers = (engine: EngineState) => ({
  list: api.ingestTokens.list.handler(() =>
    engine
      .session()
      .all('ingest_token')
      .map(({ id, version, content: { name, source, createdMs } }) => ({
        id,
        version,
        name,
        source,
        createdMs,
      })),
  ),
  create: api.ingestTokens.create.handler(async ({ input: { name, source } }) => {
    const session = engine.session()
    const token = `${PREFIX}${randomBytes(32).toString('base64url')}`
    const id = newId()
    const content = { id, name, source, createdMs: session.clock.nowMs(), sha256: tokenHash(token) }
    await session.put(`Token to push events: ${name}`, [
      { kind: 'ingest_token', id, content, expectedVersion: 0 },
    ])
    return { id, token }
  }),
  remove: api.ingestTokens.remove.handler(async ({ input: { id, expectedVersion } }) => {
    const session = engine.session()
    const name = session.one('ingest_token', id)?.content.name ?? id
    await session.put(`Token to push events refused: ${name}`, [
      { kind: 'ingest_token', id, content: null, expectedVersion },
    ])
  }),
})
