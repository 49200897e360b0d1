/** A made-up Prometheus: raw samples by series, answered as the real one answers instant queries and range selectors. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeSeries {
  /** `__name__` among them. */
  readonly labels: Readonly<Record<string, string>>
  /** Seconds and value, in order. */
  readonly values: readonly (readonly [seconds: number, value: string])[]
}

export interface FakePrometheus {
  readonly url: string
  series: readonly FakeSeries[]
  /** Answers every request with this instead; null for what the series say. */
  answerWith: {
    readonly status: number
    readonly body: string
    readonly headers?: Record<string, string>
  } | null
  /** Authorization header and query of every request. */
  readonly asked: { readonly authorization: string; readonly query: string }[]
  readonly close: () => void
}

const answer = (series: readonly FakeSeries[], query: string, at: number) => {
  const range = /^([a-z_]+)\[(\d+)ms\]$/.exec(query)
  const last = /^last_over_time\(([a-z_]+)\[1d\]\)$/.exec(query)
  const name = range?.[1] ?? last?.[1] ?? query
  const from = range ? at - Number(range[2]) / 1000 : last ? at - 86_400 : at - 300
  const found = series
    .filter(({ labels }) => labels.__name__ === name)
    .map(({ labels, values }) => ({ labels, values: values.filter(([time]) => time > from && time <= at) }))
    .filter(({ values }) => values.length > 0)
  const unnamed = (labels: FakeSeries['labels']) =>
    Object.fromEntries(Object.entries(labels).filter(([key]) => key !== '__name__'))
  return {
    resultType: range ? 'matrix' : 'vector',
    result: found.map(({ labels, values }) =>
      range
        ? { metric: labels, values }
        : { metric: last ? unnamed(labels) : labels, value: [at, values.at(-1)?.[1]] },
    ),
  }
}

export const startFakePrometheus = async (): Promise<FakePrometheus> => {
  const fake: Omit<FakePrometheus, 'url'> = {
    series: [],
    answerWith: null,
    asked: [],
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      if (fake.answerWith !== null) {
        response.writeHead(fake.answerWith.status, fake.answerWith.headers).end(fake.answerWith.body)
        return
      }
      const form = new URLSearchParams(body)
      const query = form.get('query') ?? ''
      fake.asked.push({ authorization: request.headers.authorization ?? '', query })
      response.end(
        JSON.stringify({ status: 'success', data: answer(fake.series, query, Number(form.get('time'))) }),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(fake, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}
