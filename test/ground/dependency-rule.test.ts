import { describe, expect, it } from 'vitest'
import { runInScratchHouse } from './support.ts'

/** What the forbidden imports below lead to. */
const HOUSE = {
  'src/domain/money.ts': 'export type Money = string\nexport const zero: Money = "0"\n',
  'src/contract/book.ts': 'export const book = "book"\n',
  'src/main/ledger/append.ts': 'export const append = 1\n',
  'src/main/cube/query.ts': 'export type Query = string\nexport const query = "select"\n',
  'src/main/engine/open.ts': 'export const open = 1\n',
  'src/main/bill/run.ts': 'export const run = 1\n',
  'src/main/desktop/window.ts': 'export const window = 1\n',
  'src/renderer/app.tsx': 'export const App = () => <p>hello</p>\n',
}

const cruise = (sources: Record<string, string>) =>
  runInScratchHouse(
    ['.dependency-cruiser.cjs', 'package.json'],
    { ...HOUSE, ...sources },
    'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
    ['--config', '.dependency-cruiser.cjs', '--output-type', 'err-long', 'src'],
  )

/** Each violation as `file: rule`. */
const violations = (sources: Record<string, string>) => {
  const { code, text } = cruise(sources)
  const found = [...text.matchAll(/^\s*error (\S+): (\S+)/gm)].map(([, rule, file]) => `${file}: ${rule}`)
  return { code, text, found }
}

describe('the dependency rule', () => {
  it.each([
    // who imports                what                                                  which rule refuses it
    ['src/domain/bad.ts', "import '../main/ledger/append.ts'", 'domain-stands-alone'],
    [
      'src/domain/bad.ts',
      "import type { Query } from '../main/cube/query.ts'\nexport type Q = Query",
      'domain-stands-alone',
    ],
    ['src/domain/bad.ts', "import '../contract/book.ts'", 'domain-stands-alone'],
    [
      'src/domain/bad.ts',
      "import { readFileSync } from 'node:fs'\nexport const r = readFileSync",
      'domain-is-pure',
    ],
    ['src/domain/bad.ts', "import { z } from 'zod'\nexport const r = z", 'domain-is-pure'],
    ['src/contract/bad.ts', "import '../main/engine/open.ts'", 'contract-on-domain'],
    ['src/contract/bad.ts', "export type { Query } from '../main/cube/query.ts'", 'contract-on-domain'],
    ['src/renderer/bad.tsx', "import '../main/engine/open.ts'", 'renderer-not-main'],
    [
      'src/renderer/bad.tsx',
      "import type { Query } from '../main/cube/query.ts'\nexport type Q = Query",
      'renderer-not-main',
    ],
    [
      'src/renderer/bad.tsx',
      "export const load = () => import('../main/cube/query.ts')",
      'renderer-not-main',
    ],
    ['src/renderer/bad.tsx', "import fs from 'node:fs'\nexport default fs", 'renderer-not-node'],
    ['src/main/engine/bad.ts', "import '../../renderer/app.tsx'", 'main-not-renderer'],
    ['src/main/ledger/bad.ts', "import '../cube/query.ts'", 'main-ledger'],
    ['src/main/cube/bad.ts', "import '../bill/run.ts'", 'main-cube'],
    ['src/main/bill/bad.ts', "import '../engine/open.ts'", 'main-bill'],
    ['src/main/collect/bad.ts', "import '../cube/query.ts'", 'main-collect'],
    [
      'src/main/server/bad.ts',
      "import { app } from 'electron'\nexport default app",
      'electron-in-desktop-only',
    ],
    [
      'src/main/engine/bad.ts',
      "import { app } from 'electron'\nexport default app",
      'electron-in-desktop-only',
    ],
    ['src/main/server/bad.ts', "import '../ledger/append.ts'", 'main-server'],
    ['src/main/server/bad.ts', "import '../desktop/window.ts'", 'main-server'],
    ['src/main/misc/bad.ts', "import '../misc/other.ts'", 'resolvable'],
  ])('%s may not: %s', (path, source, rule) => {
    const { code, found } = violations({ [path]: `${source}\n` })
    expect(found).toEqual([`${path}: ${rule}`])
    expect(code).not.toBe(0)
  })

  it('lets data flow the one way, and everybody use domain and contract', () => {
    const { code, found } = violations({
      'src/contract/rates.ts': "import { zero } from '../domain/money.ts'\nexport const free = zero\n",
      'src/renderer/rates.tsx':
        "import { free } from '../contract/rates.ts'\nexport const Rate = () => <p>{free}</p>\n",
      'src/main/cube/follow.ts': "import '../ledger/append.ts'\nimport '../../domain/money.ts'\n",
      'src/main/bill/rate.ts':
        "import '../cube/query.ts'\nimport '../ledger/append.ts'\nimport '../../contract/book.ts'\n",
      'src/main/engine/wire.ts': "import '../bill/run.ts'\n",
      'src/main/server/serve.ts': "import '../engine/open.ts'\n",
      'src/main/desktop/main.ts':
        "import { app } from 'electron'\nimport '../engine/open.ts'\nexport default app\n",
    })
    expect(found).toEqual([])
    expect(code).toBe(0)
  })

  it('names the allowed direction in its message', () => {
    const { text } = violations({ 'src/main/ledger/bad.ts': "import '../cube/query.ts'\n" })
    expect(text.replace(/\s+/g, ' ')).toContain(
      'Data flows collect → ledger → cube → (bill, deals, reconcile) → exchange → engine → server → (cli, desktop), never back.',
    )
  })
})
