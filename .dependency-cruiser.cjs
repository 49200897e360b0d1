/**
 * The dependency rule of the house (docs/architecture.md). A room may import what is listed for it, and
 * nothing else of ours: `domain` stands alone, `contract` stands on `domain`, everything stands on those
 * two, and inside `main` data flows one way.
 *
 * The parser is swc because dependency-cruiser cannot read TypeScript 7 (docs/decisions/0003-dependency-rule.md).
 */

/** What each room of src/main may import beside src/domain and src/contract. */
const ROOMS = {
  ledger: [],
  secrets: [],
  demo: [],
  thread: [],
  cube: ['ledger', 'thread'],
  collect: ['ledger', 'secrets', 'thread'],
  agent: ['collect'],
  bill: ['ledger', 'cube', 'secrets'],
  deals: ['ledger', 'cube'],
  reconcile: ['ledger', 'cube'],
  exchange: ['ledger', 'cube', 'bill', 'deals', 'reconcile'],
  engine: [
    'ledger',
    'secrets',
    'thread',
    'cube',
    'collect',
    'bill',
    'deals',
    'reconcile',
    'exchange',
    'demo',
  ],
  server: ['engine'],
  cli: ['engine', 'server', 'demo', 'agent'],
  desktop: ['engine', 'server'],
}

const roomRules = Object.entries(ROOMS).map(([room, allowed]) => ({
  name: `main-${room}`,
  comment: `src/main/${room} may import src/domain, src/contract${allowed.length ? ` and, of src/main, ${allowed.join(', ')}` : ', and no other room of src/main'}. Data flows collect → ledger → cube → (bill, deals, reconcile) → exchange → engine → server → (cli, desktop), never back.`,
  severity: 'error',
  from: { path: `^src/main/${room}/` },
  to: { path: '^src/main/', pathNot: [room, ...allowed].map((name) => `^src/main/${name}/`) },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'domain-stands-alone',
      comment:
        'src/domain imports nothing of ours: everything else imports it. Move what it needs into src/domain, or pass it in as a parameter.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { path: '^src/', pathNot: '^src/domain/' },
    },
    {
      name: 'domain-is-pure',
      comment:
        'src/domain does no I/O and runs in the renderer too: of packages it may import decimal.js, temporal-polyfill and jsep only, and nothing of Node.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: {
        dependencyTypesNot: ['local', 'localmodule'],
        pathNot: [
          '^src/',
          'node_modules/decimal\\.js/',
          'node_modules/temporal-polyfill/',
          'node_modules/jsep/',
        ],
      },
    },
    {
      name: 'contract-on-domain',
      comment:
        'src/contract imports src/domain and nothing else of ours: main and renderer both import the contract, never the other way.',
      severity: 'error',
      from: { path: '^src/contract/' },
      to: { path: '^src/', pathNot: '^src/(contract|domain)/' },
    },
    {
      name: 'renderer-not-main',
      comment:
        'src/renderer imports src/domain and src/contract and reaches src/main through the contract only, never by an import (types included).',
      severity: 'error',
      from: { path: '^src/renderer/' },
      to: { path: '^src/', pathNot: '^src/(renderer|contract|domain)/' },
    },
    {
      name: 'renderer-not-node',
      comment:
        'src/renderer runs in a sandboxed page: nothing of Node exists there. Ask the engine through the contract.',
      severity: 'error',
      from: { path: '^src/renderer/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'main-not-renderer',
      comment:
        'src/main imports src/domain and src/contract, never src/renderer or src/preload: what both need belongs into one of those two.',
      severity: 'error',
      from: { path: '^src/main/' },
      to: { path: '^src/(renderer|preload)/' },
    },
    {
      name: 'preload-is-thin',
      comment:
        'src/preload only hands over a MessagePort: it imports electron and src/contract, nothing else of ours.',
      severity: 'error',
      from: { path: '^src/preload/' },
      to: { path: '^src/', pathNot: '^src/(preload|contract)/' },
    },
    {
      name: 'electron-in-desktop-only',
      comment:
        'Only src/main/desktop and src/preload import electron, so that everything else runs in plain Node alike.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main/desktop|preload)/' },
      to: { path: '(^|/)node_modules/electron/|^electron$' },
    },
    {
      name: 'room-unknown',
      comment:
        'Each folder of src/main is a room of .dependency-cruiser.cjs: add the new one there, with what it may import.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/main/(${Object.keys(ROOMS).join('|')})/` },
      to: { path: '^src/main/', pathNot: `^src/main/(${Object.keys(ROOMS).join('|')})/` },
    },
    ...roomRules,
    {
      name: 'no-circle',
      comment: 'These files import each other in a circle. Move what they share into a file of its own.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'This import leads nowhere: a misspelt path, or a package missing from package.json.',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true, pathNot: '\\?' },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    builtInModules: { add: [] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.css'],
    },
  },
}
