/**
 * What each stage of the tests came to, kept in out/results so that the sums survive from one process to the next.
 *
 * `results.mjs clear` forgets all; `results.mjs failed STAGE [PART …]` notes that a stage failed, unless it or one of
 * its parts noted a failure itself; `results.mjs sum` prints `N passed, N failed` as its last line, and ends with code 1 where any failed.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { isProgram, root } from './process.mjs'

const folder = join(root, 'out', 'results')
const SUFFIX = '.sum.json'

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))

/** The path of a report inside out/results, for a tool to write. */
export const resultFile = (name) => {
  mkdirSync(folder, { recursive: true })
  return join(folder, `${name}.json`)
}

/** Forgets a stage's earlier result, so that a run that stops half-way is not mistaken for the last one. */
export const clearResult = (stage) => {
  for (const name of [`${stage}${SUFFIX}`, `${stage}-report.json`])
    rmSync(join(folder, name), { force: true })
}

/** Keeps a stage's counts `{passed, failed, skipped}`, and the names of what failed (`failures`, where given). */
export const recordResult = (stage, counts) => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, stage + SUFFIX), JSON.stringify(counts))
}

/** A tool that failed without naming a failed test (a file that does not compile, no report) counts as one failure. */
const withFailure = (counts, code) => (code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts)

const NOTHING = { passed: 0, failed: 0, skipped: 0 }

/** What failed and the first lines of why, so that the end of a long log tells it. */
const failure = (name, message) =>
  `${name}\n${stripVTControlCharacters(message ?? '')
    .split('\n')
    .slice(0, 6)
    .join('\n')}`

/** Counts of a report of vitest's JSON reporter. */
export const fromVitest = (path, code) => {
  if (!existsSync(path)) return withFailure(NOTHING, code)
  const report = readJson(path)
  return withFailure(
    {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests,
      failures: report.testResults.flatMap((file) =>
        file.status === 'failed' && file.assertionResults.length === 0
          ? [failure(file.name, file.message)]
          : file.assertionResults
              .filter(({ status }) => status === 'failed')
              .map((test) => failure(`${file.name}: ${test.fullName}`, test.failureMessages[0])),
      ),
    },
    code,
  )
}

/** Counts of a report of Playwright's JSON reporter. A flaky test is one that failed: here nothing is tried twice. */
export const fromPlaywright = (path, code) => {
  if (!existsSync(path)) return withFailure(NOTHING, code)
  const report = readJson(path)
  const { expected, unexpected, flaky, skipped } = report.stats
  const specsOf = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)]
  const failures = report.suites
    .flatMap(specsOf)
    .filter(({ ok }) => !ok)
    .map(({ file, line, title, tests }) =>
      failure(`${file}:${line}: ${title}`, tests[0]?.results.at(-1)?.error?.message),
    )
  return withFailure({ passed: expected, failed: unexpected + flaky, skipped, failures }, code)
}

/** Every stage's counts, in the order of their names. */
export const allResults = () =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(SUFFIX))
        .sort()
        .map((name) => ({ stage: name.slice(0, -SUFFIX.length), ...readJson(join(folder, name)) }))
    : []

/** `N passed, N failed`, with `, N skipped` where any was. */
export const sentence = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

/** Prints what failed, a line for each stage, and the sum as the last line; true where nothing failed and something passed. */
export const printSum = () => {
  const results = allResults()
  for (const { stage, failures } of results)
    for (const each of failures ?? []) console.log(`\n── failed in ${stage}: ${each}`)
  for (const result of results) console.log(`${result.stage.padEnd(8)} ${sentence(result)}`)
  const sum = (key) => results.reduce((total, result) => total + result[key], 0)
  const total = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
  console.log(sentence(total))
  return total.failed === 0 && total.passed > 0
}

if (isProgram(import.meta.url)) {
  const [command, stage, ...parts] = process.argv.slice(2)
  if (command === 'clear') rmSync(folder, { recursive: true, force: true })
  else if (command === 'failed' && stage) {
    const noted = allResults().some((result) => [stage, ...parts].includes(result.stage) && result.failed > 0)
    if (!noted) recordResult(stage, { passed: 0, failed: 1, skipped: 0 })
  } else if (command === 'sum') process.exitCode = printSum() ? 0 : 1
  else {
    console.error('Usage: results.mjs clear | failed STAGE [PART …] | sum')
    process.exitCode = 2
  }
}
