/**
 * One moto for every source of AWS. Its clock is the machine's, which is before the simulated hour: what is launched or
 * written there counts from the look after it on, as of a peer whose clock is behind.
 */
import { startMoto } from '../support.ts'
import type { SoakSource } from './peer.ts'

export const REGION = 'us-east-1'
const KEYS = { accessKeyId: 'AKIASOAKOFNOBODY', secretAccessKey: 'a/secret/of/nobody' }

export interface Moto {
  readonly url: string
  readonly startMs: number
  /** Of the SDK's clients. */
  readonly settings: {
    readonly region: string
    readonly endpoint: string
    readonly credentials: typeof KEYS
  }
  readonly stop: () => Promise<void>
}

export const startSoakMoto = async (startMs: number): Promise<Moto> => {
  const { url, stop } = await startMoto()
  return { url, startMs, stop, settings: { region: REGION, endpoint: url, credentials: KEYS } }
}

export const motoSource = (
  { url }: Moto,
  name: string,
  kind: string,
  config: SoakSource['config'] = {},
): SoakSource => ({
  name,
  kind,
  config: { region: REGION, endpoint: url, ...config },
  everyMinutes: 10,
  secrets: KEYS,
})
