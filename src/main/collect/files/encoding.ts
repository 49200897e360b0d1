/** Which encoding bytes are in, whether they are text at all, and their text piece by piece. */
import { isUtf8 } from 'node:buffer'

/** How much of a file is looked at to tell what it is. */
export const HEAD_BYTES = 64 * 1024

type Encoding = 'UTF-8' | 'UTF-16LE' | 'UTF-16BE'

const MAGIC: readonly (readonly [bytes: readonly number[], what: string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive or Excel workbook'],
  [[0x50, 0x41, 0x52, 0x31], 'a Parquet file'],
  [[0x25, 0x50, 0x44, 0x46, 0x2d], 'a PDF document'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'a zstd archive'],
  [[0x42, 0x5a, 0x68], 'a bzip2 archive'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'an xz archive'],
  [[0x1f, 0x8b], 'gzip inside gzip'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Office document'],
]

const startsWith = (bytes: Buffer, magic: readonly number[]) => magic.every((byte, i) => bytes[i] === byte)

const detectEncoding = (head: Buffer): { encoding: Encoding; bom: number } => {
  if (startsWith(head, [0xef, 0xbb, 0xbf])) return { encoding: 'UTF-8', bom: 3 }
  if (startsWith(head, [0xff, 0xfe])) return { encoding: 'UTF-16LE', bom: 2 }
  if (startsWith(head, [0xfe, 0xff])) return { encoding: 'UTF-16BE', bom: 2 }
  // Without a BOM: digits, commas and line ends of UTF-16 have a NUL as their upper byte, and no lower byte is NUL.
  const pairs = head.length >> 1
  let even = 0
  let odd = 0
  for (let i = 0; i + 1 < head.length; i += 2) {
    if (head[i] === 0) even += 1
    if (head[i + 1] === 0) odd += 1
  }
  if (pairs > 0 && even === 0 && odd * 5 >= pairs) return { encoding: 'UTF-16LE', bom: 0 }
  if (pairs > 0 && odd === 0 && even * 5 >= pairs) return { encoding: 'UTF-16BE', bom: 0 }
  return { encoding: 'UTF-8', bom: 0 }
}

/** What a file is that is not text, in words; null where it may be text. */
export const recogniseBinary = (head: Buffer): string | null => {
  const known = MAGIC.find(([magic]) => startsWith(head, magic))
  // "BZh" and "PK" may begin a text; an archive has bytes no text has.
  if (known !== undefined && (head.includes(0) || !isUtf8(head.subarray(0, 16)))) return known[1]
  if (detectEncoding(head).encoding !== 'UTF-8') return null
  let controls = 0
  for (const byte of head) {
    if (byte === 0) return 'a binary file'
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x1b) controls += 1
  }
  return controls * 20 > head.length ? 'a binary file' : null
}

interface Decoder {
  readonly encoding: Encoding
  /** Whether anything so far was replaced with U+FFFD. */
  readonly replaced: () => boolean
  readonly decode: (bytes: Buffer) => string
  readonly end: () => string
}

/** A decoder for what begins with `head`; `head` itself is to be decoded first, its BOM is left out. */
export const createDecoder = (head: Buffer): Decoder => {
  const { encoding, bom } = detectEncoding(head)
  return encoding === 'UTF-8' ? utf8Decoder(bom) : utf16Decoder(encoding, bom)
}

const utf8Decoder = (bom: number): Decoder => {
  let replaced = false
  let rest: Buffer = Buffer.alloc(0)
  let skip = bom
  const text = (bytes: Buffer) => {
    if (!isUtf8(bytes)) replaced = true
    return bytes.toString('utf8')
  }
  return {
    encoding: 'UTF-8',
    replaced: () => replaced,
    decode: (piece) => {
      const bytes = rest.length === 0 ? piece.subarray(skip) : Buffer.concat([rest, piece.subarray(skip)])
      skip = 0
      const whole = wholeCharacters(bytes)
      rest = Buffer.from(bytes.subarray(whole))
      return text(bytes.subarray(0, whole))
    },
    end: () => text(rest),
  }
}

/** The length without a character that the piece cuts in two. */
const wholeCharacters = (bytes: Buffer): number => {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] as number
    if ((byte & 0xc0) === 0x80) continue
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return needs > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

const utf16Decoder = (encoding: Encoding, bom: number): Decoder => {
  const decoder = new TextDecoder(encoding === 'UTF-16LE' ? 'utf-16le' : 'utf-16be', { ignoreBOM: true })
  let replaced = false
  let skip = bom
  const check = (text: string) => {
    if (text.includes('\uFFFD')) replaced = true
    return text
  }
  return {
    encoding,
    replaced: () => replaced,
    decode: (piece) => {
      const bytes = piece.subarray(skip)
      skip = 0
      return check(decoder.decode(bytes, { stream: true }))
    },
    end: () => check(decoder.decode()),
  }
}
