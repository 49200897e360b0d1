/**
 * The pods of this node, from the API server with the pod's own service account (Kubernetes documentation, "Accessing
 * the Kubernetes API from a Pod"). Only their metadata is asked for (`PartialObjectMetadataList`), from the server's
 * cache (`resourceVersion=0`), as the kubelet does.
 */
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { z } from 'zod'
import { SourceFailure } from '../collect/collector.ts'

export const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
const TIMEOUT_MS = 30_000
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json'
const ANSWER_BYTES_MAX = 64 * 1024 * 1024

export interface Pod {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

const podList = z.object({
  metadata: z.object({ continue: z.string().optional() }).optional(),
  items: z.array(
    z.object({
      metadata: z.object({
        uid: z.string(),
        name: z.string(),
        namespace: z.string(),
        labels: z.record(z.string(), z.string()).optional(),
        annotations: z.record(z.string(), z.string()).optional(),
      }),
    }),
  ),
})

/** Of a pod that the kubelet runs from a file the API knows a mirror; the cgroup has the uid in this annotation. */
const MIRRORED_UID = 'kubernetes.io/config.mirror'

export interface ApiServer {
  readonly host: string
  readonly port: string
  /** Folder with `token` and `ca.crt`, which are replaced in place from time to time. */
  readonly serviceAccount: string
}

/** The API server of the cluster this process runs in. @throws SourceFailure outside of one */
export const apiServer = (environment: NodeJS.ProcessEnv, serviceAccount: string): ApiServer => {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment
  if (!host)
    throw new SourceFailure(
      'Kubernetes’ names are asked for, and this process runs in no pod (KUBERNETES_SERVICE_HOST is not set). Run it as the DaemonSet of resources/agent, or take tenants from the path with group:NAME.',
      { retryable: false },
    )
  return { host, port, serviceAccount }
}

const ask = ({ host, port, serviceAccount }: ApiServer, path: string, signal: AbortSignal): Promise<string> =>
  new Promise((done, fail) => {
    const failed = (why: string, retryable = true) =>
      fail(new SourceFailure(`Kubernetes cannot be asked for this node’s pods: ${why}.`, { retryable }))
    const read = (name: string): string => readFileSync(join(serviceAccount, name), 'utf8').trim()
    let identity: { readonly ca: string; readonly authorization: string }
    try {
      identity = { ca: read('ca.crt'), authorization: `Bearer ${read('token')}` }
    } catch (error) {
      failed(`the service account’s files are missing (${(error as Error).message})`, false)
      return
    }
    const { ca, authorization } = identity
    const sent = request(
      {
        host,
        port,
        path,
        signal,
        timeout: TIMEOUT_MS,
        ca,
        headers: { accept: METADATA_ONLY, authorization },
      },
      (response) => {
        const pieces: Buffer[] = []
        let bytes = 0
        response.on('data', (piece: Buffer) => {
          bytes += piece.length
          pieces.push(piece)
          if (bytes > ANSWER_BYTES_MAX) sent.destroy(new Error('the answer is larger than 64 MB'))
        })
        response.on('error', (error) => failed(error.message))
        response.on('end', () => {
          const { statusCode: status = 0 } = response
          if (status === 200) done(Buffer.concat(pieces).toString())
          else if (status === 401 || status === 403)
            failed(
              `its service account may not list pods (${status}); apply the ClusterRole of resources/agent`,
              false,
            )
          else failed(`it answered ${status}`)
        })
      },
    )
    sent.on('timeout', () => sent.destroy(new Error('no answer within 30 seconds')))
    sent.on('error', (error) => failed(error.message))
    sent.end()
  })

/** Pods of the node by uid as their cgroups have it. @throws SourceFailure */
export const podsOf = async (
  server: ApiServer,
  node: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Pod>> => {
  const pods = new Map<string, Pod>()
  let next: string | undefined
  do {
    const query = new URLSearchParams({
      fieldSelector: `spec.nodeName=${node}`,
      ...(next === undefined ? { resourceVersion: '0' } : { continue: next }),
    })
    const answer = await ask(server, `/api/v1/pods?${query}`, signal)
    let list: z.output<typeof podList>
    try {
      list = podList.parse(JSON.parse(answer))
    } catch {
      throw new SourceFailure('Kubernetes’ answer is no list of pods; it is asked again.', {
        retryable: true,
      })
    }
    for (const { metadata } of list.items) {
      const { uid, namespace, name, labels = {}, annotations = {} } = metadata
      for (const known of [uid, annotations[MIRRORED_UID]])
        if (known !== undefined) pods.set(known.toLowerCase(), { namespace, name, labels })
    }
    next = list.metadata?.continue || undefined
  } while (next !== undefined)
  return pods
}
