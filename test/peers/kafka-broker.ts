/** A real Kafka in KRaft mode: broker and controller in one process, on ports of its own, in a folder of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './support.ts'

/** Folder of Kafka's jars, or undefined where they could not be had. */
const jars = process.env.PEER_KAFKA

export const USER = 'countinghouse'
export const PASSWORD = 'planted-password-of-nobody'

export interface Broker {
  /** Without a login; whoever comes there may do everything. */
  readonly address: string
  /** By SCRAM-SHA-256, with what the user's ACLs allow. */
  readonly saslAddress: string
  /** By TLS, without a login. */
  readonly tlsAddress: string
  /** PEM of the certificate there, which nobody else knows. */
  readonly certificate: string
  /** As `kill -9` does it. */
  readonly kill: () => Promise<void>
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
}

const LOG = `status = error
appender.stderr.type = Console
appender.stderr.name = STDERR
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %p %m (%c)%n
rootLogger.level = warn
rootLogger.appenderRefs = stderr
rootLogger.appenderRef.stderr.ref = STDERR
`

const answers = (port: number) =>
  new Promise<boolean>((done) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      done(true)
    })
    socket.on('error', () => done(false))
  })

const gone = (child: ChildProcess, signal: NodeJS.Signals) =>
  new Promise<void>((done) => {
    if (child.exitCode !== null || child.signalCode !== null) return done()
    child.once('exit', () => done())
    child.kill(signal)
  })

export const startKafka = async (): Promise<Broker> => {
  if (!jars) throw new Error('Kafka is missing: run "npm run test:peers"')
  const folder = await mkdtemp(join(tmpdir(), 'countinghouse-kafka-'))
  const [port, saslPort, tlsPort, controllerPort] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ])
  const config = join(folder, 'server.properties')
  const log = join(folder, 'log4j2.properties')
  const keys = join(folder, 'keys.p12')
  const certificate = join(folder, 'certificate.pem')
  await writeFile(log, LOG)
  const keytool = (...args: readonly string[]) =>
    promisify(execFile)('keytool', [...args, '-alias', 'kafka', '-keystore', keys, '-storepass', PASSWORD])
  await keytool(
    ...['-genkeypair', '-keyalg', 'EC', '-dname', 'CN=localhost'],
    ...['-ext', 'SAN=dns:localhost,ip:127.0.0.1'],
  )
  await keytool('-exportcert', '-rfc', '-file', certificate)
  const listeners = [
    `PLAINTEXT://127.0.0.1:${port}`,
    `SASL_PLAINTEXT://127.0.0.1:${saslPort}`,
    `SSL://127.0.0.1:${tlsPort}`,
  ].join(',')
  await writeFile(
    config,
    `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
controller.listener.names=CONTROLLER
listeners=${listeners},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=${listeners}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-256
listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.location=${keys}
ssl.keystore.password=${PASSWORD}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
log.dirs=${join(folder, 'data')}
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
log.cleaner.enable=false
`,
  )
  const java = (...args: readonly string[]) => [
    '-Xmx256m',
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    `-Dlog4j2.configurationFile=${log}`,
    '-cp',
    join(jars, '*'),
    ...args,
  ]
  const scram = `SCRAM-SHA-256=[name=${USER},password=${PASSWORD}]`
  await promisify(execFile)(
    'java',
    java(
      'kafka.tools.StorageTool',
      ...['format', '--config', config, '--cluster-id', 'Y291bnRpbmdob3VzZS0xMg', '--add-scram', scram],
    ),
  )
  let child: ChildProcess | null = null
  const start = async () => {
    const started = spawn('java', java('kafka.Kafka', config), { stdio: ['ignore', 'ignore', 'pipe'] })
    child = started
    let said = ''
    started.stderr.on('data', (text) => {
      said = (said + text).slice(-3000)
    })
    for (let attempt = 0; attempt < 600; attempt++) {
      if ((await answers(port)) && (await answers(saslPort)) && (await answers(tlsPort))) return
      if (started.exitCode !== null) break
      await new Promise((done) => setTimeout(done, 100))
    }
    await gone(started, 'SIGKILL')
    throw new Error(`Kafka did not answer at port ${port}: ${said}`)
  }
  const end = async () => {
    if (child !== null) await gone(child, 'SIGKILL')
  }
  await start()
  return {
    address: `127.0.0.1:${port}`,
    saslAddress: `127.0.0.1:${saslPort}`,
    tlsAddress: `localhost:${tlsPort}`,
    certificate,
    kill: end,
    start,
    stop: async () => {
      await end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
