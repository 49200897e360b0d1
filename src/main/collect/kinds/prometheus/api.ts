/** Prometheus' HTTP API: instant queries (documentation page "HTTP API", version 1). */
import { z } from 'zod'
import { SourceFailure } from '../../collector.ts'
import { askHttp, placeOf } from '../http.ts'
import { type Sample, sampleValue } from './samples.ts'

export interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly samples: readonly Sample[]
  /** Samples that were no number. */
  readonly notNumbers: number
}

const point = z.tuple([z.number(), z.string()])
const answer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.discriminatedUnion('resultType', [
      z.object({
        resultType: z.literal('matrix'),
        result: z.array(
          z.object({ metric: z.record(z.string(), z.string()), values: z.array(point).default([]) }),
        ),
      }),
      z.object({
        resultType: z.literal('vector'),
        result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: point.optional() })),
      }),
      z.object({ resultType: z.literal('scalar'), result: point }),
      z.object({ resultType: z.literal('string'), result: point }),
    ]),
  }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
])

export interface PrometheusAddress {
  readonly url: URL
  readonly authorization: string | null
}

const seriesOf = (
  labels: Readonly<Record<string, string>>,
  values: readonly (readonly [number, string])[],
): Series => {
  const read = values.map(([seconds, text]) => ({ ms: Math.round(seconds * 1000), value: sampleValue(text) }))
  const samples = read.flatMap(({ ms, value }) => (value === null ? [] : [{ ms, value }]))
  return { labels, samples: samples.sort((a, b) => a.ms - b.ms), notNumbers: read.length - samples.length }
}

/**
 * Evaluates a query at an instant. Of a range selector (`up[10m]`) every raw sample comes back, of anything else one.
 * @throws SourceFailure with Prometheus' own words where it refuses the query
 */
export const queryPrometheus = async (
  { url, authorization }: PrometheusAddress,
  query: string,
  atMs: number,
  signal: AbortSignal,
): Promise<readonly Series[]> => {
  const endpoint = new URL(`${url.pathname.replace(/\/$/, '')}/api/v1/query`, url)
  let text: string
  try {
    text = await askHttp({
      url: endpoint,
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(authorization === null ? {} : { authorization }),
      },
      body: new URLSearchParams({ query, time: String(atMs / 1000) }).toString(),
      signal,
    })
  } catch (error) {
    if (error instanceof SourceFailure && error.message.includes('"errorType":"bad_data"'))
      throw new SourceFailure(`Prometheus does not understand ${query}. ${error.message}`, {
        retryable: false,
      })
    throw error
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new SourceFailure(`${placeOf(endpoint)} did not answer with JSON: is it Prometheus?`, {
      retryable: false,
    })
  }
  const read = answer.safeParse(json)
  if (!read.success)
    throw new SourceFailure(
      `${placeOf(endpoint)} answered in a shape that is not Prometheus’: is it Prometheus?`,
      {
        retryable: false,
      },
    )
  if (read.data.status === 'error')
    throw new SourceFailure(`Prometheus refuses ${query}: ${read.data.error}`, { retryable: false })
  const { data } = read.data
  if (data.resultType === 'matrix') return data.result.map(({ metric, values }) => seriesOf(metric, values))
  if (data.resultType === 'vector')
    return data.result.map(({ metric, value }) => seriesOf(metric, value === undefined ? [] : [value]))
  return [seriesOf({}, [data.result])]
}
