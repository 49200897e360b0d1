/** Tokens with which programs push events (`POST /api/ingest`), and can do nothing else. */
import { z } from 'zod'
import { base, id, milliseconds } from './common.ts'

export const ingestToken = z.object({
  id,
  /** What pushes with it: `gateway in eu-west`. */
  name: z.string().trim().min(1).max(120),
  /** Name of the source its events are kept under: ids are unique within it. */
  source: z.string().trim().min(1).max(120),
  createdMs: milliseconds,
  /** Since when it is refused; null while it may push. */
  revokedMs: milliseconds.nullable(),
})

export const ingestTokens = {
  list: base
    .route({
      method: 'GET',
      path: '/ingest-tokens',
      summary: 'Tokens that may push events, without the tokens',
    })
    .output(
      z.array(
        ingestToken.extend({
          version: z.int(),
          lastDeliveryMs: milliseconds
            .nullable()
            .describe(
              'when its source last delivered anything, with this token or another; null where it never did',
            ),
        }),
      ),
    ),
  create: base
    .route({ method: 'POST', path: '/ingest-tokens', summary: 'Make a token; it is shown this once only' })
    .input(ingestToken.pick({ name: true, source: true }))
    .output(z.object({ id, token: z.string() })),
  revoke: base
    .route({ method: 'DELETE', path: '/ingest-tokens/{id}', summary: 'Refuse a token from now on' })
    .input(z.object({ id, expectedVersion: z.coerce.number().int() })),
}
