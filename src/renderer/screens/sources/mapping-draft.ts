/** A column mapping while it is being chosen: parts may still be missing. */
import type { CsvMapping } from '../../../contract/sources.ts'

export interface PartDraft {
  readonly from: 'column' | 'fixed'
  /** The column's title or the fixed text; empty where not chosen yet. */
  readonly text: string
}

export interface MappingDraft {
  readonly tenant: PartDraft
  readonly metric: PartDraft
  readonly quantity: PartDraft
  readonly time: CsvMapping['time']
  /** Empty where rows have no id of their own. */
  readonly id: string
  readonly dimensions: readonly string[]
}

const NOT_CHOSEN: PartDraft = { from: 'column', text: '' }

const partOf = (part: CsvMapping['tenant']): PartDraft =>
  'column' in part ? { from: 'column', text: part.column } : { from: 'fixed', text: part.fixed }

/** The mapping as a draft; an empty draft where there is none. `timeZone` is proposed for times without one. */
export const draftOf = (mapping: CsvMapping | undefined, timeZone: string): MappingDraft =>
  mapping === undefined
    ? {
        tenant: NOT_CHOSEN,
        metric: NOT_CHOSEN,
        quantity: NOT_CHOSEN,
        time: { column: '', format: 'iso', timeZone },
        id: '',
        dimensions: [],
      }
    : {
        tenant: partOf(mapping.tenant),
        metric: partOf(mapping.metric),
        quantity: partOf(mapping.quantity),
        time: mapping.time,
        id: mapping.id ?? '',
        dimensions: mapping.dimensions,
      }

/** What must still be chosen, in words. */
export const missingOf = (draft: MappingDraft): readonly string[] => [
  ...(['tenant', 'metric', 'quantity'] as const).filter((part) => draft[part].text.trim() === ''),
  ...(draft.time.column === '' ? ['time'] : []),
]

const chosen = (part: PartDraft): CsvMapping['tenant'] =>
  part.from === 'column' ? { column: part.text } : { fixed: part.text.trim() }

/** The mapping, or null where a part is missing. */
export const mappingOf = (draft: MappingDraft): CsvMapping | null =>
  missingOf(draft).length > 0
    ? null
    : {
        tenant: chosen(draft.tenant),
        metric: chosen(draft.metric),
        quantity: chosen(draft.quantity),
        time: draft.time,
        ...(draft.id === '' ? {} : { id: draft.id }),
        dimensions: [...draft.dimensions],
      }

/** Whether every column the mapping names is in the header. */
export const fitsHeader = (mapping: CsvMapping, header: readonly string[]): boolean =>
  [
    ...[mapping.tenant, mapping.metric, mapping.quantity].flatMap((part) =>
      'column' in part ? [part.column] : [],
    ),
    mapping.time.column,
    ...(mapping.id === undefined ? [] : [mapping.id]),
    ...mapping.dimensions,
  ].every((column) => header.includes(column))
