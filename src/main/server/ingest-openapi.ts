/** `POST /ingest` as the OpenAPI document has it: no call of the contract, for its body is events as programs have them. */
import type { OpenAPI } from '@orpc/openapi'
import { PUSH_TYPES } from '../engine/ingesting/body.ts'

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

const time: OpenAPI.SchemaObject = { type: 'string', format: 'date-time' }
const scalar: OpenAPI.SchemaObject = { type: ['string', 'number', 'boolean', 'null'] }
const count: OpenAPI.SchemaObject = { type: 'integer', minimum: 0 }

/** A CloudEvent as docs/formats/usage-event.schema.json has it, in short. */
const event: OpenAPI.SchemaObject = {
  type: 'object',
  required: ['specversion', 'id', 'source', 'type', 'subject', 'time'],
  properties: {
    specversion: { const: '1.0' },
    id: { type: 'string', description: 'With source: what makes the event the same when it is sent again.' },
    source: { type: 'string' },
    type: { type: 'string', description: 'The metric.' },
    subject: { type: 'string', description: 'The tenant.' },
    time: { ...time, description: 'Not more than five minutes after it is pushed.' },
    data: {
      type: ['object', 'null'],
      properties: {
        value: { type: ['number', 'string'], description: 'Every digit is kept. 1 where it is absent.' },
        from: { ...time, description: 'Start of an interval; only together with to.' },
        to: { ...time, description: 'End of an interval, exclusive.' },
        dimensions: { type: ['object', 'null'], additionalProperties: scalar },
      },
    },
  },
}

const nameOf = (type: string): string =>
  type === 'application/cloudevents+json'
    ? 'UsageEvent'
    : type === 'application/cloudevents-batch+json'
      ? 'UsageEvents'
      : 'UsageEventLines'

const accepted: OpenAPI.SchemaObject = {
  type: 'object',
  required: ['events', 'batch'],
  properties: {
    events: { ...count, description: 'Of this push.' },
    batch: {
      type: 'object',
      description: 'What was committed together; the counts are of all its pushes.',
      required: ['batchId', 'pushes', 'added', 'duplicate', 'conflict', 'quarantined'],
      properties: {
        batchId: { type: ['integer', 'null'] },
        pushes: count,
        added: count,
        duplicate: count,
        conflict: count,
        quarantined: count,
      },
    },
  },
}

const refusal = (description: string, headers: Readonly<Record<string, { $ref: string }>> = {}) => ({
  description,
  headers,
  content: { 'application/json': { schema: ref('IngestRefusal') } },
})
const AGAIN = { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } }

/** Adds the path, and the token that it alone takes, to a document. */
export const withIngest = (document: OpenAPI.Document): OpenAPI.Document => ({
  ...document,
  paths: {
    ...document.paths,
    '/ingest': {
      post: {
        operationId: 'ingest.push',
        summary: 'Push usage events; answered once they are in the ledger',
        description:
          'What got no answer, a 429 or a 5xx is sent again: an event with the same source and id counts once.',
        security: [{ ingest: [] }],
        requestBody: {
          required: true,
          content: Object.fromEntries(PUSH_TYPES.map((type) => [type, { schema: ref(nameOf(type)) }])),
        },
        responses: {
          202: {
            description: 'The events are in the ledger, committed to disk.',
            content: { 'application/json': { schema: ref('IngestAnswer') } },
          },
          400: refusal('The body is not what its type says; nothing of it was taken.'),
          401: refusal('No token, another kind of token, or a revoked one.'),
          403: refusal('A page of a browser asked, or the book is open for reading only.'),
          413: refusal('The body is larger than 4 MB; send it in several pushes.'),
          415: refusal('Another content type, or a content-encoding.'),
          422: refusal('The book could not take it; the message says why.'),
          429: refusal('More waits than can be kept; none of these were taken.', AGAIN),
          503: refusal('There is no book yet, or it is being closed; none of these were taken.', AGAIN),
        },
      },
    },
  },
  components: {
    ...document.components,
    schemas: {
      ...document.components?.schemas,
      UsageEvent: event,
      UsageEvents: { type: 'array', minItems: 1, items: ref('UsageEvent') },
      UsageEventLines: { type: 'string', description: 'An event a line.' },
      IngestAnswer: accepted,
      IngestRefusal: {
        type: 'object',
        required: ['code', 'message'],
        properties: {
          code: { type: 'string' },
          message: { type: 'string', description: 'A sentence for people.' },
          data: { type: 'null' },
        },
      },
    },
    headers: {
      ...document.components?.headers,
      RetryAfter: { description: 'Seconds to wait.', schema: { type: 'integer' } },
    },
    securitySchemes: {
      ...document.components?.securitySchemes,
      ingest: {
        type: 'http',
        scheme: 'bearer',
        description: 'A token of "token create" or of Settings; it opens nothing else.',
      },
    },
  },
})
