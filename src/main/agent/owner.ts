/** Whose a cgroup is, by its path and, where the configuration asks for it, by what Kubernetes says of the pod. */
import type { Owner, Unit } from './cgroup-usage.ts'
import type { CgroupsConfig } from './config.ts'
import type { Pod } from './kubernetes.ts'

/** A pod that Kubernetes has not named for so long is not going to be named: it was removed before anybody asked. */
const UNKNOWN_MAX_MS = 6 * 3_600_000

/** As the API writes it; systemd's slices have `_` for the dashes. */
const podUid = (inPath: string): string => inPath.replaceAll('_', '-').toLowerCase()

const CONTAINER_SHOWN = 12

/** The groups of the path as dimensions: of a pod its name, of a container the beginning of its id, as tools show it. */
const groupDimensions = ({ groups }: Unit, pod: Pod | null): Record<string, string> => {
  const { pod: uid, container, ...others } = groups
  return {
    ...others,
    ...(container === undefined ? {} : { container: container.slice(0, CONTAINER_SHOWN) }),
    ...(uid === undefined
      ? {}
      : pod === null
        ? { pod: podUid(uid) }
        : { namespace: pod.namespace, pod: pod.name }),
  }
}

const tenantOf = (tenantFrom: string, { groups }: Unit, pod: Pod | null): string | null => {
  if (tenantFrom === 'namespace') return pod?.namespace ?? null
  const [, kind, name = ''] = /^(label|group|fixed):(.+)$/.exec(tenantFrom) ?? []
  if (kind === 'fixed') return name
  return (kind === 'label' ? pod?.labels[name] : groups[name]) || null
}

/**
 * The owner; null while Kubernetes has not said whose the pod is.
 * @param pods by uid; null where Kubernetes is not asked
 */
export const ownerOf = (
  { tenantFrom, tenantOtherwise, labels }: CgroupsConfig,
  agent: string,
  pods: ReadonlyMap<string, Pod> | null,
  unit: Unit,
  nowMs: number,
): Owner | null => {
  const uid = unit.groups.pod
  const pod = uid === undefined ? null : (pods?.get(podUid(uid)) ?? null)
  const isAwaited = pods !== null && uid !== undefined && pod === null
  if (isAwaited && nowMs - unit.fromMs < UNKNOWN_MAX_MS) return null
  const kept = labels.flatMap((label) => (pod?.labels[label] ? [[label, pod.labels[label]]] : []))
  return {
    tenant: tenantOf(tenantFrom, unit, pod) ?? tenantOtherwise ?? null,
    dimensions: { agent, ...groupDimensions(unit, pod), ...Object.fromEntries(kept) },
  }
}
