/** What is asked of every store of objects: the prefix, what is there, and how it is read. */
import { z } from 'zod'
import type { ConnectionField } from '../../../../contract/connections.ts'
import { csvMapping, type LogOptions } from '../../../../contract/sources.ts'
import { DEFAULT_LOG, type ReaderChoice } from '../../readers.ts'

const MAPPING_ASKED = 'a column mapping as JSON (docs/formats/usage.md)'

const mapping = z
  .string()
  .trim()
  .default('')
  .transform((text, context) => {
    if (text === '') return null
    try {
      const read = csvMapping.safeParse(JSON.parse(text))
      if (read.success) return read.data
    } catch {
      // Said below.
    }
    context.addIssue({ code: 'custom', message: MAPPING_ASKED })
    return z.NEVER
  })

const tenantFrom = z
  .string()
  .trim()
  .default('')
  .transform((text, context): LogOptions['tenantFrom'] => {
    if (text === '' || text === 'client') return 'client'
    const segment = /^segment:(\d{1,2})$/.exec(text)?.[1]
    if (segment !== undefined && Number(segment) >= 1 && Number(segment) <= 20)
      return { segment: Number(segment) }
    if (text.startsWith('regex:') && text.length > 6) return { regex: text.slice(6) }
    context.addIssue({ code: 'custom', message: 'client, segment:1 or regex:X-Tenant=(\\w+)' })
    return z.NEVER
  })

export const contentsShape = <const Names extends readonly [string, ...string[]]>(names: Names) => ({
  prefix: z
    .string()
    .trim()
    .max(1024)
    .default('')
    .transform((text) => text.replace(/^\//, '')),
  contents: z.enum(names),
  mapping,
  tenantFrom,
})

const shape = z.object(contentsShape(['any']))
export type ContentsConfig = Omit<z.output<typeof shape>, 'contents'> & { readonly contents: string }

/** Of a CSV the mapping is asked for. */
export const isMapped = ({ contents, mapping: given }: ContentsConfig): boolean =>
  contents !== 'csv' || given !== null
export const NOT_MAPPED = { path: ['mapping'], message: MAPPING_ASKED }

/** @param choices the store's own, of logs in shapes that only it has */
export const contentsFields = (
  choices: readonly { readonly value: string; readonly label: string }[],
  placeholder: string,
): readonly ConnectionField[] => [
  { key: 'prefix', label: 'Prefix', kind: 'text', required: false, placeholder },
  {
    key: 'contents',
    label: 'What is there',
    kind: 'choice',
    required: true,
    initial: 'cloudevents',
    choices: [...choices],
  },
  {
    key: 'mapping',
    label: 'Column mapping of the CSV',
    kind: 'text',
    required: false,
    help: 'As JSON, as a saved mapping has it.',
  },
  {
    key: 'tenantFrom',
    label: 'Tenant of a log line or an object',
    kind: 'text',
    required: false,
    placeholder: 'segment:1',
    help: 'client, segment:1 (of the path), or regex: and a pattern whose first group is the tenant. Of storage segment:1, the first folder behind the prefix.',
  },
]

export const choiceOf = ({ contents, mapping: given, tenantFrom: from }: ContentsConfig): ReaderChoice => {
  if (contents === 'cost_export') return { kind: 'focus' }
  if (contents === 'cloudevents' || contents === 'storage') return { kind: 'cloudevents' }
  if (contents === 'csv' && given !== null) return { kind: 'csv', mapping: given }
  return { kind: 'access_log', log: { ...DEFAULT_LOG, tenantFrom: from } }
}

/** Folder behind the prefix that is the tenant of an object, counted from 1. */
export const segmentOf = ({ tenantFrom: from }: ContentsConfig): number =>
  typeof from === 'object' && 'segment' in from ? from.segment : 1
