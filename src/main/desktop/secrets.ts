/** Secrets at rest: encrypted by the system's keychain, in a file that is worth nothing without it. */
import { existsSync, renameSync } from 'node:fs'
import type { SafeStorage } from 'electron'
import type { SecretAnswer, SecretAsk } from '../engine/messages.ts'
import { isRecord, readJsonFile, writeJsonFile } from './json-file.ts'

export interface SecretKeeper {
  /** Whether secrets can be kept here; `reason` is for people. */
  availability(): Promise<{ available: boolean; reason: string | null }>
  /** Does what the engine asks. Never throws: a failure is an answer with a sentence, without the secret in it. */
  answer(ask: SecretAsk): Promise<SecretAnswer>
}

const noKeychain =
  'This system has no keychain that Countinghouse could encrypt secrets with, so none are saved.'

/** `file` holds a JSON object from name to the encrypted value in base64. */
export function createSecretKeeper(safeStorage: SafeStorage, platform: string, file: string): SecretKeeper {
  const canEncrypt = async (): Promise<boolean> => {
    // On Linux without a keychain Electron would encrypt with a password that is in its source.
    if (platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text') return false
    return safeStorage.isAsyncEncryptionAvailable()
  }

  const read = (): Record<string, string> => {
    const saved = readJsonFile(file)
    if (!isRecord(saved) || Object.values(saved).some((value) => typeof value !== 'string')) {
      // Kept for a person to look at: it may be all there is of a key.
      if (existsSync(file)) renameSync(file, `${file}.unreadable`)
      return {}
    }
    return saved as Record<string, string>
  }

  const perform = async (ask: SecretAsk): Promise<string | null> => {
    const saved = read()
    if (ask.action === 'set') {
      const encrypted = await safeStorage.encryptStringAsync(ask.value)
      writeJsonFile(file, { ...saved, [ask.name]: encrypted.toString('base64') })
      return null
    }
    if (ask.action === 'delete') {
      writeJsonFile(file, Object.fromEntries(Object.entries(saved).filter(([name]) => name !== ask.name)))
      return null
    }
    const encrypted = Object.hasOwn(saved, ask.name) ? saved[ask.name] : undefined
    if (encrypted === undefined) return null
    return (await safeStorage.decryptStringAsync(Buffer.from(encrypted, 'base64'))).result
  }

  return {
    availability: async () => {
      const available = await canEncrypt()
      return { available, reason: available ? null : noKeychain }
    },
    answer: async (ask) => {
      try {
        if (!(await canEncrypt())) return { ok: false, message: noKeychain }
        return { ok: true, value: await perform(ask) }
      } catch {
        // The system's own message may name what it was given, so it is not passed on.
        const what = ask.action === 'get' ? 'read' : 'change'
        return {
          ok: false,
          message: `The system's keychain did not let Countinghouse ${what} ${ask.name}. Unlock it and try again.`,
        }
      }
    },
  }
}
