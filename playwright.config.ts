import { defineConfig } from '@playwright/test'

/** Set by scripts/e2e.mjs; without it Playwright uses its own download. */
const browser = process.env.COUNTINGHOUSE_BROWSER

export default defineConfig({
  testDir: 'test/e2e',
  outputDir: 'test-results',
  workers: 1,
  retries: 0,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [
    ['list'],
    ['json', { outputFile: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ?? 'out/results/e2e-report.json' }],
  ],
  use: {
    viewport: { width: 1440, height: 900 },
    actionTimeout: 15_000,
    locale: 'en-GB',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
  projects: [
    {
      name: 'browser',
      testIgnore: '**/*.desktop.spec.ts',
      use: {
        browserName: 'chromium',
        launchOptions: {
          ...(browser ? { executablePath: browser } : {}),
          args: [
            '--no-sandbox',
            '--disable-gpu',
            '--disable-quic',
            '--no-first-run',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
          ],
        },
      },
    },
    // Starts Electron itself, from the path in COUNTINGHOUSE_ELECTRON.
    { name: 'desktop', testMatch: '**/*.desktop.spec.ts' },
  ],
})
