/** Series of one tenant and the same kept labels, which become one record together. */
import { fingerprint } from './events.ts'

interface Labelled {
  readonly labels: Readonly<Record<string, string>>
}

export interface SeriesGroup<Member> {
  /** The same for the same tenant and dimensions, whenever it is made. */
  readonly key: string
  readonly tenant: string | null
  readonly dimensions: Readonly<Record<string, string>>
  readonly members: readonly Member[]
}

/** @param tenantOf null where a series names nobody */
export const groupSeries = <Member extends Labelled>(
  series: readonly Member[],
  tenantOf: (labels: Labelled['labels']) => string | null,
  kept: readonly string[],
): readonly SeriesGroup<Member>[] => {
  const groups = new Map<string, SeriesGroup<Member> & { members: Member[] }>()
  for (const each of series) {
    const tenant = tenantOf(each.labels)
    const dimensions = Object.fromEntries(
      kept.flatMap((label) => (each.labels[label] ? [[label, each.labels[label]]] : [])),
    )
    const key = fingerprint({ ...dimensions, '': tenant ?? '' })
    const group = groups.get(key) ?? { key, tenant, dimensions, members: [] }
    group.members.push(each)
    groups.set(key, group)
  }
  return [...groups.values()]
}
