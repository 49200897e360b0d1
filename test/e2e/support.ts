/** What the end-to-end tests share: the program served on a book of their own, and how a person moves in it. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

const root = new URL('../..', import.meta.url).pathname

export interface Served {
  /** The address with the token in it, as printed. */
  readonly url: string
  readonly origin: string
  readonly directory: string
  /** All that it has written to its terminal. */
  readonly output: () => string
  readonly close: () => Promise<void>
}

/** Starts the built program on an empty folder, or with the demo book, and waits for its address. */
export const serve = async (
  options: {
    readonly command?: 'serve' | 'demo'
    readonly directory?: string
    /** Words of the command line beside those that every test needs. */
    readonly more?: readonly string[]
    readonly environment?: NodeJS.ProcessEnv
  } = {},
): Promise<Served> => {
  const made = options.directory === undefined
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'countinghouse-e2e-')))
  const child = spawn(
    process.execPath,
    [
      join(root, 'out/main/cli.js'),
      options.command ?? 'serve',
      '--book',
      directory,
      '--port',
      '0',
      '--no-open',
      ...(options.more ?? []),
    ],
    { env: { ...process.env, ...options.environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += chunk.toString()
      const found = /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/.exec(output)
      if (found !== null) resolve(found[0])
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', (code) =>
      reject(new Error(`the program ended with code ${code} before it listened:\n${output}`)),
    )
  })
  return {
    url,
    origin: new URL(url).origin,
    directory,
    output: () => output,
    close: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await gone
      if (made) await rm(directory, { recursive: true, force: true })
    },
  }
}

const seriousFindings = async (
  page: Page,
  rules: readonly string[] | undefined,
  within: string | undefined,
): Promise<string[]> => {
  const builder = new AxeBuilder({ page })
  if (within !== undefined) builder.include(within)
  const { violations } = await (rules === undefined ? builder : builder.withRules([...rules])).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => {
      const places = nodes
        .slice(0, 3)
        .map(
          ({ html, failureSummary }) =>
            `    ${html.slice(0, 200)}\n    ${failureSummary?.replaceAll('\n', ' ')}`,
        )
      return `${id}: ${help}\n${places.join('\n')}`
    })
}

/**
 * Fails on serious or critical findings of axe, of all its rules or the ones named, in the page or what the selector
 * `within` finds, that stay once figures are fetched and nothing fades any more.
 */
export const checkAccessibility = async (
  page: Page,
  where: string,
  rules?: readonly string[],
  within?: string,
): Promise<void> => {
  await expect
    .poll(() => seriousFindings(page, rules, within), {
      message: `accessibility of ${where}`,
      timeout: 20_000,
      intervals: [500, 1_500, 3_000],
    })
    .toEqual([])
}

/** Opens a screen from the rail, as a person does. */
export const goTo = async (page: Page, screen: string): Promise<void> => {
  await page
    .getByRole('navigation', { name: 'Screens' })
    .getByRole('link', { name: screen, exact: true })
    .click()
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
}

/** Picks a month in the top bar by its name: "May 2015". */
export const pickMonth = async (page: Page, name: string): Promise<void> => {
  const month = page.getByRole('combobox', { name: 'Month' })
  await month.click()
  await page.getByRole('option', { name: new RegExp(`^${name}`) }).click()
}

/** Every error the page reports while a test runs; empty where all is well. */
export const collectErrors = (page: Page): string[] => {
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(`page error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`console: ${message.text()}`)
  })
  return errors
}
