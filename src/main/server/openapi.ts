/** The OpenAPI 3.1 document of the contract. */

import type { AnyContractRouter } from '@orpc/contract'
import { type OpenAPI, OpenAPIGenerator } from '@orpc/openapi'
import type { AnyRouter } from '@orpc/server'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { withIngest } from './ingest-openapi.ts'

/**
 * Generates the document from a router or a contract. `version` is the program's.
 * @param takesEvents whether events may be pushed to the server that it describes
 */
export async function generateOpenApi(
  router: AnyRouter | AnyContractRouter,
  version: string,
  takesEvents: boolean,
): Promise<OpenAPI.Document> {
  const document = await new OpenAPIGenerator({
    schemaConverters: [new ZodToJsonSchemaConverter()],
  }).generate(router, {
    info: {
      title: 'Countinghouse',
      version,
      description:
        'Usage, cost, margin, deals and invoices of one book. Amounts and quantities are decimal strings, never numbers.',
    },
    servers: [{ url: '/api' }],
    security: [{ bearer: [] }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  })
  return takesEvents ? withIngest(document) : document
}
