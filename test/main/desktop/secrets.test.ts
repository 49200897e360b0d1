import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SafeStorage } from 'electron'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSecretKeeper } from '../../../src/main/desktop/secrets.ts'
import { createElectron } from '../../support/electron-stand-in.ts'

let directory: string
let file: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'countinghouse-secrets-'))
  file = join(directory, 'secrets.json')
})
afterEach(() => rmSync(directory, { recursive: true }))

const name = 'STRIPE_API_KEY'
const keychain = (change: object = {}): SafeStorage => {
  const { safeStorage } = createElectron({ userData: directory, documents: directory }).module
  return { ...safeStorage, ...change } as unknown as SafeStorage
}
const reason = 'This system has no keychain that Countinghouse could encrypt secrets with, so none are saved.'

test('the file is the user’s alone', async () => {
  await createSecretKeeper(keychain(), 'linux', file).answer({ action: 'set', name, value: 'sk_test_abc' })
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test.each([
  ['no keychain', 'darwin', { isAsyncEncryptionAvailable: async () => false }],
  ['Linux with a password everybody knows', 'linux', { getSelectedStorageBackend: () => 'basic_text' }],
])('%s: nothing is kept, and why', async (_, platform, change) => {
  const keeper = createSecretKeeper(keychain(change), platform, file)
  expect(await keeper.availability()).toEqual({ available: false, reason })
  expect(await keeper.answer({ action: 'set', name, value: 'sk_test_abc' })).toEqual({
    ok: false,
    message: reason,
  })
  expect(existsSync(file)).toBe(false)
})

test('a keychain that refuses is told without the secret', async () => {
  const refuse = async (text: string) => {
    throw new Error(`denied: ${text}`)
  }
  const keeper = createSecretKeeper(keychain({ encryptStringAsync: refuse }), 'darwin', file)
  expect(await keeper.answer({ action: 'set', name, value: 'sk_test_abc' })).toEqual({
    ok: false,
    message:
      "The system's keychain did not let Countinghouse change STRIPE_API_KEY. Unlock it and try again.",
  })
})

test.each([['{"STRIPE_API_KEY":'], ['[]'], ['{"STRIPE_API_KEY":5}']])(
  'a file that holds %s is set aside',
  async (text) => {
    writeFileSync(file, text)
    const keeper = createSecretKeeper(keychain(), 'darwin', file)
    expect(await keeper.answer({ action: 'get', name })).toEqual({ ok: true, value: null })
    expect(readFileSync(`${file}.unreadable`, 'utf8')).toBe(text)
  },
)

test('a name of the language is no secret', async () => {
  const keeper = createSecretKeeper(keychain(), 'darwin', file)
  expect(await keeper.answer({ action: 'get', name: 'constructor' })).toEqual({ ok: true, value: null })
})
