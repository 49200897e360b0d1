/** Programs that push over real HTTP, and push again what they have had no answer to. */
import { type HttpServer, startHttpServer } from '../../../src/main/server/http.ts'
import { eventText, eventTotals, keptUsage, MINUTE, type SoakPeer } from './peer.ts'

export const pushPeer = async (startMs: number): Promise<SoakPeer> => {
  let server: HttpServer | null = null
  let token = ''
  /** What was answered with 202: a pusher keeps the rest, and sends it again. */
  const accepted: string[] = []
  const push = async (lines: readonly string[]) => {
    const answer = await fetch(`${server?.origin}/api/ingest`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    })
    if (answer.status !== 202) throw new Error(`a push was answered ${answer.status}: ${await answer.text()}`)
    accepted.push(...lines)
  }
  return {
    source: null,
    opened: async ({ engine, client }) => {
      server = await startHttpServer({
        router: engine.router,
        context: (caller) => caller,
        version: '1.0.0',
        rendererDirectory: null,
        ingest: engine.ingest,
      })
      if (token === '')
        token = (await client.ingestTokens.create({ name: 'Gateway', source: 'Gateway' })).token
    },
    closing: async () => {
      await server?.close()
    },
    work: async (step, fromMs) => {
      const lines = Array.from({ length: 40 }, (_, index) =>
        eventText(
          'pushed.calls',
          index % 3 === 0 ? 'bolt' : 'acme',
          `${step}-${index}`,
          fromMs + index * 1000,
          `${index}.25`,
        ),
      )
      await push(lines)
      // The answer was lost on the way: the same again, with some that are new.
      await push([...lines.slice(10), eventText('pushed.calls', 'acme', `${step}-new`, fromMs, '1')])
    },
    late: () => push([eventText('pushed.calls', 'bolt', 'late', startMs + 5 * MINUTE, '3.5')]),
    own: async () => eventTotals(accepted),
    kept: keptUsage(startMs, 'pushed.calls'),
    close: async () => undefined,
  }
}
