/** Kafka's own jars, by Maven, for test/peers/kafka.test.ts. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { capture, root, withRetries } from './process.mjs'

const folder = join(root, '.cache', 'kafka')
const jars = join(folder, 'jars')

// The broker, and what writes its log to the terminal.
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>countinghouse</groupId>
  <artifactId>kafka-peer</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.1.1</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.24.3</version></dependency>
  </dependencies>
</project>
`

/** Folder of the jars; null where they are not there. */
export const kafkaJars = () =>
  existsSync(jars) && readdirSync(jars).some((name) => /^kafka_2\.13-.*\.jar$/.test(name)) ? jars : null

export const installKafka = async () => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'pom.xml'), POM)
  await withRetries(3, async () => {
    const { code, text } = await capture(
      'mvn',
      ['--quiet', '--batch-mode', 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`],
      { cwd: folder },
    )
    if (code !== 0) throw new Error(`mvn dependency:copy-dependencies failed: ${text.trim().slice(-500)}`)
  })
}
