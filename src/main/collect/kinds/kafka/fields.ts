/** What the wizard asks of Kafka, and what must be granted there. */
import type { ConnectionField } from '../../../../contract/connections.ts'
import type { Permissions } from '../../collector.ts'

export const FIELDS: readonly ConnectionField[] = [
  {
    key: 'brokers',
    label: 'Bootstrap servers',
    kind: 'text',
    required: true,
    placeholder: 'kafka-1:9092, kafka-2:9092',
    help: 'Those they name must be reached from here too.',
  },
  {
    key: 'topics',
    label: 'Topics',
    kind: 'lines',
    required: true,
    placeholder: 'usage-events',
    help: 'One a line.',
  },
  { key: 'tls', label: 'TLS', kind: 'yes_no', required: false },
  {
    key: 'caFile',
    label: 'Certificate file',
    kind: 'text',
    required: false,
    placeholder: '/etc/kafka/ca.pem',
    help: 'PEM, of the authority that signed the brokers’ certificates, where it is one of your own.',
  },
  {
    key: 'sasl',
    label: 'Login (SASL)',
    kind: 'choice',
    required: true,
    initial: 'none',
    choices: [
      { value: 'none', label: 'None' },
      { value: 'plain', label: 'PLAIN' },
      { value: 'scram-sha-256', label: 'SCRAM-SHA-256' },
      { value: 'scram-sha-512', label: 'SCRAM-SHA-512' },
    ],
  },
  { key: 'userName', label: 'User name', kind: 'text', required: false },
  { key: 'password', label: 'Password', kind: 'secret', required: false },
  {
    key: 'start',
    label: 'Begin with',
    kind: 'choice',
    required: true,
    initial: 'earliest',
    choices: [
      { value: 'earliest', label: 'The oldest record there is' },
      { value: 'latest', label: 'What comes from now on' },
      { value: 'time', label: 'What came since a time' },
    ],
  },
  {
    key: 'from',
    label: 'Since',
    kind: 'text',
    required: false,
    placeholder: '2026-11-01T00:00:00Z',
    help: 'Only for what came since a time.',
  },
]

/** The ACLs, as commands of Kafka's own tool. */
export const kafkaAcls = (
  given: {
    readonly brokers: readonly string[]
    readonly topics: readonly string[]
    readonly userName: string | null
  } | null,
): Permissions => {
  const server = given?.brokers[0] ?? 'HOST:9092'
  const user = given?.userName ?? 'countinghouse'
  const commands = (given?.topics ?? ['TOPIC']).map(
    (topic) =>
      `kafka-acls.sh --bootstrap-server ${server} --command-config admin.properties --add --allow-principal User:${user} --operation Read --operation Describe --topic ${topic}`,
  )
  return {
    sentence:
      'Read and Describe on the topics, nothing else: no consumer group is used, and nothing is written. Where the cluster has no ACLs, nothing is to be granted.',
    documents: [{ title: 'Access control lists', language: 'text', text: `${commands.join('\n')}\n` }],
  }
}
