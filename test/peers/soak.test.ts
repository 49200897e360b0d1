/**
 * A soak of one simulated hour against all peers at once: one connected source of each kind, collected by the engine's
 * own schedule every ten minutes of a clock that the test moves, while every peer is worked with. Two peers are gone for
 * some minutes, the engine is closed and opened in the middle, and files and pushes are delivered twice. In the end,
 * and after what the peers learn late, the totals by metric and tenant are those that the peers themselves hold.
 *
 * Where a peer's clock cannot be simulated its file in test/peers/soak says what stands for it: Prometheus' storage is
 * made of the hour's samples beforehand, nginx' lines have the machine's time, and moto's clock is behind.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { COLLECTORS } from '../../src/main/collect/kinds/kinds.ts'
import { secretName } from '../../src/main/engine/collecting/attempt.ts'
import { type House, openHouse, verify } from '../main/engine/house.ts'
import { athenaPeer } from './soak/athena.ts'
import { awsPeers } from './soak/aws.ts'
import { azurePeer } from './soak/azure.ts'
import { nginxPeer } from './soak/logs.ts'
import { type Moto, startSoakMoto } from './soak/moto.ts'
import { HOUR, MINUTE, type SoakPeer } from './soak/peer.ts'
import { postgresPeer } from './soak/postgres.ts'
import { exporterPeer, prometheusPeer } from './soak/prometheus.ts'
import { pushPeer } from './soak/push.ts'
import { simulate } from './soak/simulated.ts'
import { kafkaPeer, kinesisPeer } from './soak/streams.ts'

/** A whole hour that the machine's clock has not reached by the end of the test. */
const START = Math.ceil((Date.now() + 10 * MINUTE) / HOUR) * HOUR
/** The schedule runs a source so long after it is connected, where chance is half. */
const FIRST_RUN_MS = 3000
const STEPS = 6

let house: House | null = null
let moto: Moto | null = null
let peers: readonly SoakPeer[] = []
const environment: Record<string, string> = {}
const simulated = simulate(() => house, START - FIRST_RUN_MS)

beforeAll(async () => {
  const aws = await startSoakMoto(START)
  moto = aws
  peers = [
    ...awsPeers(aws),
    ...(await Promise.all([
      athenaPeer(aws),
      kinesisPeer(aws),
      azurePeer(START),
      exporterPeer(START),
      kafkaPeer(START),
      nginxPeer(START),
      postgresPeer(START),
      prometheusPeer(START),
      pushPeer(START),
    ])),
  ]
  house = await openHouse({
    now: new Date(START - FIRST_RUN_MS).toISOString(),
    environment,
    engine: { collectors: COLLECTORS, timers: simulated.timers },
  })
})
afterAll(async () => {
  for (const peer of peers) await peer.closing?.()
  await house?.close()
  for (const peer of peers) await peer.close()
  await moto?.stop()
})

const open = (): House => {
  if (house === null) throw new Error('a book is open')
  return house
}
const states = async () => {
  const all = await open().client.connections.list()
  return Object.fromEntries(all.map(({ connection, state }) => [connection.name, state]))
}
const ofAll = async (ask: (peer: SoakPeer) => Promise<object>) =>
  Object.assign({}, ...(await Promise.all(peers.map(ask))))

test('every kind has a source here', () => {
  const kinds = peers.flatMap(({ source }) => (source === null ? [] : [source.kind]))
  expect(kinds.sort()).toEqual(COLLECTORS.map(({ kind }) => kind).sort())
})

test('after an hour of work and faults, and what came late, the totals are the peers’ own', async () => {
  for (const { source, opened } of peers) {
    await opened?.(open())
    if (source === null) continue
    const { name, kind, config, everyMinutes, secrets = {} } = source
    const id = name.toLowerCase()
    for (const [field, value] of Object.entries(secrets)) environment[secretName(id, field)] = value
    await open().client.connections.save({
      ...{ id, name, kind, config, everyMinutes },
      paused: false,
      expectedVersion: 0,
    })
  }
  await simulated.advance(START)
  for (let step = 0; step < STEPS; step++) {
    const fromMs = START + step * 10 * MINUTE
    const outages = step === 2 ? peers.flatMap(({ outage }) => outage ?? []) : []
    await Promise.all(peers.map((peer) => peer.work(step, fromMs)))
    for (const { begin } of outages) await begin()
    await simulated.advance(fromMs + 10 * MINUTE)
    if (outages.length > 0) {
      expect(await states()).toMatchObject({ Cluster: 'failing', Exporter: 'failing', Warehouse: 'waiting' })
      // Tried again by itself, ever later, and once more after the peers are back.
      await simulated.advance(fromMs + 12 * MINUTE)
      for (const { end } of outages) await end()
    }
    if (step === 3) {
      for (const { closing } of peers) await closing?.()
      house = await open().reopen()
      for (const { opened } of peers) await opened?.(open())
    }
  }
  await simulated.advance(START + HOUR + 12 * MINUTE)
  await Promise.all(peers.map(({ late }) => late?.(START)))
  await simulated.advance(START + HOUR + 30 * MINUTE)

  const own = await ofAll((peer) => peer.own())
  expect(await ofAll((peer) => peer.kept(open()))).toEqual(own)
  expect(Object.keys(own).length).toBeGreaterThan(15)
  expect(new Set(Object.values(await states()))).toEqual(new Set(['waiting']))
  expect((await open().client.ledger.quarantine({})).rows).toEqual([])
  expect(await verify(open())).toMatchObject({ ok: true })
})
