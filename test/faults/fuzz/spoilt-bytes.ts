/** Files as bytes: in every encoding, packed and damaged in every way, and of nothing in particular. */
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { FIXTURE_BYTES, KINDS } from './kinds.ts'
import { spoiltText } from './spoilt-text.ts'

export interface BytesInput {
  readonly kind: string
  readonly hex: string
}

const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16()

const ENCODINGS = {
  utf8: (text: string) => Buffer.from(text, 'utf8'),
  utf8Bom: (text: string) => Buffer.from(`\ufeff${text}`, 'utf8'),
  utf16le: (text: string) => Buffer.from(text, 'utf16le'),
  utf16leBom: (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  utf16be: (text: string) => swapped(Buffer.from(text, 'utf16le')),
  utf16beBom: (text: string) => swapped(Buffer.from(`\ufeff${text}`, 'utf16le')),
  latin1: (text: string) => Buffer.from(text, 'latin1'),
} as const

const halves = (bytes: Buffer): Buffer => {
  const middle = bytes.length >> 1
  return Buffer.concat([gzipSync(bytes.subarray(0, middle)), gzipSync(bytes.subarray(middle))])
}
const wrongChecksum = (bytes: Buffer): Buffer => {
  const packed = gzipSync(bytes)
  packed[packed.length - 6] = (packed[packed.length - 6] ?? 0) ^ 1
  return packed
}

const PACKINGS = {
  plain: (bytes: Buffer) => bytes,
  gzip: (bytes: Buffer) => gzipSync(bytes),
  members: halves,
  emptyMember: (bytes: Buffer) => Buffer.concat([gzipSync(''), gzipSync(bytes)]),
  wrongChecksum,
  padded: (bytes: Buffer) => Buffer.concat([gzipSync(bytes), Buffer.alloc(40)]),
  followed: (bytes: Buffer) => Buffer.concat([gzipSync(bytes), bytes]),
  followedBehindZeros: (bytes: Buffer) => Buffer.concat([gzipSync(bytes), Buffer.alloc(3), gzipSync(bytes)]),
  truncated: (bytes: Buffer) => gzipSync(bytes).subarray(0, -9),
  twice: (bytes: Buffer) => gzipSync(gzipSync(bytes)),
} as const

const place = fc.nat(100_000)
type Damage = Partial<{ flip: number; put: Uint8Array; remove: number; truncateAt: number; at: number }>
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ flip: fc.integer({ min: 1, max: 255 }), at: place }),
  fc.record({ put: fc.uint8Array({ minLength: 1, maxLength: 4 }), at: place }),
  fc.record({ remove: fc.integer({ min: 1, max: 8 }), at: place }),
  fc.record({ truncateAt: place }),
)

const damaged = (bytes: Buffer, how: Damage): Buffer => {
  const at = (how.at ?? how.truncateAt ?? 0) % (bytes.length + 1)
  if (how.truncateAt !== undefined) return bytes.subarray(0, at)
  if (how.put !== undefined) return Buffer.concat([bytes.subarray(0, at), how.put, bytes.subarray(at)])
  if (how.remove !== undefined) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + how.remove)])
  const changed = Buffer.from(bytes)
  if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ (how.flip ?? 0)
  return changed
}

const damages = fc.array(damage, { maxLength: 2 })
const kind = fc.constantFrom(...KINDS.map(({ name }) => name))

const encoded = fc
  .record({
    input: spoiltText,
    encoding: fc.constantFrom(...Object.values(ENCODINGS)),
    packing: fc.constantFrom(...Object.values(PACKINGS)),
    damages,
  })
  .map(({ input, encoding, packing, damages }) => ({
    kind: input.kind,
    bytes: damages.reduce(damaged, packing(encoding(input.text))),
  }))

const fixtures = fc
  .record({ kind, bytes: fc.constantFrom(...FIXTURE_BYTES), damages })
  .map(({ kind, bytes, damages }) => ({ kind, bytes: damages.reduce(damaged, bytes) }))

/** Beginnings by which formats are told. */
const MAGIC = [
  '',
  '1f8b08',
  '1f8b',
  '504b0304',
  '50415231',
  '255044462d',
  'efbbbf',
  'fffe',
  'feff',
  '425a68',
  '00',
  '7b22',
]
const anything = fc
  .record({ kind, magic: fc.constantFrom(...MAGIC), rest: fc.uint8Array({ maxLength: 300 }) })
  .map(({ kind, magic, rest }) => ({ kind, bytes: Buffer.concat([Buffer.from(magic, 'hex'), rest]) }))

/** Shown as hexadecimal digits, so that a counterexample can be written into a test. */
export const anyFile: fc.Arbitrary<BytesInput> = fc
  .oneof(
    { weight: 5, arbitrary: encoded },
    { weight: 2, arbitrary: fixtures },
    { weight: 2, arbitrary: anything },
  )
  .map(({ kind, bytes }) => ({ kind, hex: bytes.toString('hex') }))
