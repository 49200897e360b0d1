/** Ready-made rows for Kubernetes, by namespace: cAdvisor's metrics as the kubelet serves them. */
export const RECIPES = [
  {
    metric: 'k8s.cpu.seconds',
    query: 'container_cpu_usage_seconds_total{container!=""}',
    method: 'counter',
  },
  {
    metric: 'k8s.memory.byte_hours',
    query: 'container_memory_working_set_bytes{container!=""}',
    method: 'gauge',
  },
  { metric: 'k8s.network.sent.bytes', query: 'container_network_transmit_bytes_total', method: 'counter' },
  { metric: 'k8s.network.received.bytes', query: 'container_network_receive_bytes_total', method: 'counter' },
  {
    metric: 'k8s.fs.written.bytes',
    query: 'container_fs_writes_bytes_total{container!=""}',
    method: 'counter',
  },
  { metric: 'k8s.fs.read.bytes', query: 'container_fs_reads_bytes_total{container!=""}', method: 'counter' },
] as const
