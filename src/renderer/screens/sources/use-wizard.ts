/** The state of reading one file: what the user changed, and the preview that follows it. */
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { FileKind, ReadOptions } from '../../../contract/sources.ts'
import type { Metric } from '../../../domain/metric.ts'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { metricFaults } from '../settings/metric-fields.tsx'
import { type LogDraft, logDraftOf, logOf } from './log-editor.tsx'
import { draftOf, type MappingDraft, mappingOf } from './mapping-draft.ts'
import type { SameId } from './same-id-editor.tsx'

interface Changes {
  readonly kind?: FileKind | undefined
  readonly source: string
  readonly mapping: MappingDraft | null
  readonly log: LogDraft | null
  readonly delivery: 'restate' | 'add' | null
  readonly sameId: SameId | null
  readonly metrics: readonly Metric[]
}

const UNCHANGED: Changes = { source: '', mapping: null, log: null, delivery: null, sameId: null, metrics: [] }

const optionsOf = (changes: Changes): ReadOptions => {
  const mapping = changes.mapping === null ? null : mappingOf(changes.mapping)
  const log = changes.log === null ? null : logOf(changes.log)
  const whole = changes.metrics.filter((metric) => Object.keys(metricFaults(metric)).length === 0)
  return {
    ...(changes.kind === undefined ? {} : { kind: changes.kind }),
    ...(changes.source.trim() === '' ? {} : { source: changes.source.trim() }),
    ...(mapping === null ? {} : { mapping }),
    ...(log === null ? {} : { log }),
    ...(changes.delivery === null ? {} : { delivery: changes.delivery }),
    ...(changes.sameId === null ? {} : { sameId: changes.sameId }),
    ...(whole.length === 0 ? {} : { metrics: whole }),
  }
}

/** @param enabled false once the import has begun: the file may be gone by then. */
export const useWizard = (fileId: string, enabled: boolean) => {
  const { timeZone } = useBook().settings
  const [changes, setChanges] = useState<Changes>(UNCHANGED)
  const options = useMemo(() => optionsOf(changes), [changes])
  const [asked] = useDebouncedValue(options, 350)
  const query = useQuery({
    ...api.imports.preview.queryOptions({ input: { fileId, options: asked } }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    enabled,
  })
  const preview = query.data
  const mapping = changes.mapping ?? draftOf(preview?.options.mapping, timeZone)
  const log = changes.log ?? logDraftOf(preview?.options.log)
  const edited = new Map(changes.metrics.map((metric) => [metric.metric, metric]))
  const newMetrics = (preview?.newMetrics ?? []).map((metric) => edited.get(metric.metric) ?? metric)
  const change = (some: Partial<Changes>) => setChanges((before) => ({ ...before, ...some }))
  const fresh = asked === options && !query.isPlaceholderData && !query.isFetching

  /** Why the file can't be imported as it stands; null where it can. */
  const obstacle = (): string | null => {
    if (preview === undefined) return 'The file is not read yet.'
    if (preview.rowsRead === 0 && preview.kind === 'unknown') return 'Nothing of this file can be imported.'
    if (preview.kind === 'unknown') return 'Say what the file is first.'
    if (preview.kind === 'csv' && mappingOf(mapping) === null) return 'Choose the columns first.'
    if (preview.kind === 'access_log' && logOf(log) === null) return 'Say where the tenant is found first.'
    if (newMetrics.some((metric) => Object.keys(metricFaults(metric)).length > 0))
      return 'A new metric lacks something.'
    if (preview.rowsRead === 0) return 'There is no record in this file to import.'
    return null
  }

  return {
    query,
    preview,
    fresh,
    obstacle: obstacle(),
    kind: changes.kind,
    source: changes.source,
    mapping,
    log,
    delivery: changes.delivery ?? preview?.options.delivery ?? 'restate',
    /** Null where the file's records have no ids. */
    sameId: preview?.options.sameId === undefined ? null : (changes.sameId ?? preview.options.sameId),
    newMetrics,
    setSource: (source: string) => change({ source }),
    /** Another kind is read in another way, so what was chosen for the former one is dropped. */
    setKind: (kind: FileKind | undefined) =>
      setChanges((before) => ({ ...UNCHANGED, source: before.source, kind })),
    setMapping: (draft: MappingDraft) => change({ mapping: draft }),
    setLog: (draft: LogDraft) => change({ log: draft }),
    setSameId: (sameId: SameId) => change({ sameId }),
    setDelivery: (delivery: 'restate' | 'add') => change({ delivery }),
    setMetrics: (metrics: readonly Metric[]) =>
      setChanges((before) => ({
        ...before,
        metrics: [
          ...new Map([...before.metrics, ...metrics].map((metric) => [metric.metric, metric])).values(),
        ],
      })),
  }
}
export type Wizard = ReturnType<typeof useWizard>
