/**
 * How a container of Azure is reached: the account’s address, and a shared access signature (SAS) or the account’s key.
 * Here and beside it the SDK is loaded by who first asks, because most books have no source of Azure.
 */
import { z } from 'zod'
import type { ConnectionField } from '../../../../contract/connections.ts'
import { type CheckFinding, type CollectContext, SourceFailure } from '../../collector.ts'

export const accessShape = {
  accountUrl: z
    .string()
    .trim()
    // Without a query: a signature pasted along would be kept in the book.
    .regex(
      /^https?:\/\/[^/?#@\s]+(\/[^/?#\s]+)?\/?$/,
      'the account’s address like https://ACCOUNT.blob.core.windows.net, without container and SAS',
    )
    .transform((text) => text.replace(/\/$/, '')),
  container: z
    .string()
    .trim()
    .regex(
      /^(?:\$logs|\$web|\$root|[a-z0-9](?:-?[a-z0-9]){2,62})$/,
      'the name of a container: 3 to 63 small letters, digits and single hyphens',
    ),
}
const access = z.strictObject(accessShape)
export type AccessConfig = z.output<typeof access>

export const ACCESS_FIELDS: readonly ConnectionField[] = [
  {
    key: 'accountUrl',
    label: 'Address of the account',
    kind: 'text',
    required: true,
    placeholder: 'https://ACCOUNT.blob.core.windows.net',
    help: 'Its Blob service endpoint, of sovereign clouds too; of Azurite http://127.0.0.1:10000/devstoreaccount1.',
  },
  { key: 'container', label: 'Container', kind: 'text', required: true, placeholder: 'usage' },
  {
    key: 'sas',
    label: 'SAS token',
    kind: 'secret',
    required: false,
    help: 'Read-only, of the container: sp=rl. The token, or the whole Blob SAS URL.',
  },
  {
    key: 'accountKey',
    label: 'Account key',
    kind: 'secret',
    required: false,
    help: 'Only where a SAS cannot be had: the key may do everything with the account.',
  },
]

/** What a SAS says of itself. Its signature is not among it. */
export interface Sas {
  /** `rl`; empty where a stored access policy holds it. */
  readonly permissions: string
  readonly startsMs: number | null
  readonly expiresMs: number | null
}

export type Access =
  | { readonly kind: 'sas'; readonly token: string; readonly sas: Sas }
  | { readonly kind: 'key'; readonly key: string }

const timeOf = (text: string | null): number | null => {
  const ms = Date.parse(text ?? '')
  return Number.isNaN(ms) ? null : ms
}

/** @throws SourceFailure where there is no secret, or both */
export const accessOf = async ({ secret }: CollectContext<unknown>): Promise<Access> => {
  const [pasted, key] = await Promise.all([secret('sas'), secret('accountKey')])
  const stays = (text: string) => new SourceFailure(text, { retryable: false })
  if (pasted !== null && key !== null)
    throw stays('There are a SAS and an account key. Keep the SAS, and remove the key.')
  if (key !== null) {
    if (!/^[A-Za-z0-9+/]{20,}={0,2}$/.test(key.trim()))
      throw stays('What was given as the account key is none: it is a text in Base64, of 88 characters.')
    return { kind: 'key', key: key.trim() }
  }
  if (pasted === null)
    throw stays(
      'There is neither a SAS nor an account key. Make a SAS as the permissions of this source show it.',
    )
  const token = pasted.trim().replace(/^[^?]*\?/, '')
  const fields = new URLSearchParams(token)
  if (!fields.has('sig'))
    throw stays(
      'What was given as SAS is none: it has no signature (sig=). Paste the whole token, or the Blob SAS URL.',
    )
  return {
    kind: 'sas',
    token,
    sas: {
      permissions: fields.get('sp') ?? '',
      startsMs: timeOf(fields.get('st')),
      expiresMs: timeOf(fields.get('se')),
    },
  }
}

/** `2026-11-01 00:00 UTC` */
export const instantText = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`

const SOON_MS = 14 * 24 * 3_600_000

/** What a check says of a secret that works, but could be better. */
export const accessFindings = (given: Access, nowMs: number): readonly CheckFinding[] => {
  if (given.kind === 'key')
    return [
      {
        state: 'warning',
        sentence: 'The account key may do everything with the account. A SAS that reads and lists is enough.',
      },
    ]
  const { permissions, expiresMs } = given.sas
  const findings: CheckFinding[] = []
  if (/[^rl]/.test(permissions))
    findings.push({
      state: 'warning',
      sentence: `The SAS may more than read and list (sp=${permissions}). sp=rl is enough.`,
    })
  if (expiresMs !== null && expiresMs - nowMs < SOON_MS)
    findings.push({
      state: 'warning',
      sentence: `The SAS expires on ${instantText(expiresMs)}. Collecting stops then, until there is a new one.`,
    })
  return findings
}
