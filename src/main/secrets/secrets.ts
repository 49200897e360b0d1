/** Secrets: where they come from, and that they never leave by a message or a log. */

/** Stripe's key, and the secrets of connected sources. The name is also the environment variable's. */
export type SecretName = 'STRIPE_API_KEY' | `COUNTINGHOUSE_${string}`

/** Where the desktop keeps secrets, encrypted by the operating system's keychain. */
export interface SecretStore {
  readonly available: boolean
  /** For people: why nothing can be saved here; null where `available`. */
  readonly reason: string | null
  readonly get: (name: SecretName) => Promise<string | null>
  readonly set: (name: SecretName, value: string) => Promise<void>
  readonly delete: (name: SecretName) => Promise<void>
}

/** Served mode: nothing is written to disk in clear, so only the environment is read. */
const environmentOnly: SecretStore = {
  available: false,
  reason: 'Secrets are not saved when Countinghouse is served in the browser.',
  get: async () => null,
  set: async () => {
    throw new SecretError('cannot_be_saved_here', environmentOnly.reason ?? '')
  },
  delete: async () => undefined,
}

export type SecretErrorCode = 'cannot_be_saved_here' | 'is_not_a_secret_key' | 'is_set_by_the_environment'

/** A typed refusal; its message never holds the value. */
export class SecretError extends Error {
  readonly code: SecretErrorCode
  constructor(code: SecretErrorCode, message: string) {
    super(message)
    this.name = 'SecretError'
    this.code = code
  }
}

export interface SecretState {
  readonly name: SecretName
  readonly from: 'environment' | 'store' | null
  /** Whether charges made with it are real; null where there is no secret or it does not say. */
  readonly mode: 'live' | 'test' | null
  readonly canBeSaved: boolean
  /** For the settings screen. */
  readonly sentence: string
}

export interface Secrets {
  /** The value, or null where it is set nowhere. @throws SecretError where what is set cannot be a key. */
  readonly readSecret: (name: SecretName) => Promise<string | null>
  /** @throws SecretError */
  readonly saveSecret: (name: SecretName, value: string) => Promise<void>
  readonly deleteSecret: (name: SecretName) => Promise<void>
  /** What the settings screen may know: never the value, nor a part of it. */
  readonly describeSecret: (name: SecretName) => Promise<SecretState>
  /** Remembers a secret that was typed for one call, so that it is redacted too; returns it. */
  readonly notice: (value: string) => string
  /** The text without any secret read or saved so far, and without anything of a Stripe key's shape. */
  readonly redact: (text: string) => string
}

/** Shorter ones would be redacted out of ordinary words. */
const CHARACTERS_MIN = 12
const SOURCE_CHARACTERS_MIN = 6
const NOTICED = 'SECRET'
const STRIPE_KEY_SHAPE = /\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9*]+/g

/**
 * The environment wins over the store, so that a start script decides.
 * `environment` is read at each call: `process.env`, or a test's own.
 */
export const createSecrets = (options: {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly store?: SecretStore
}): Secrets => {
  const { environment, store = environmentOnly } = options
  const known = new Map<string, SecretName | typeof NOTICED>()
  const elsewhere = (name: SecretName) =>
    `${store.reason ?? ''} Set ${name} in the environment and start it again.`.trim()

  const inEnvironment = (name: SecretName): string | null => environment[name]?.trim() || null

  /** Remembers the value first, so that not even a refusal of it can show it. */
  const accept = (name: SecretName, value: string, where: string): string => {
    if (name !== 'STRIPE_API_KEY') {
      if (value.length >= SOURCE_CHARACTERS_MIN) known.set(value, name)
      return value
    }
    const problem =
      value.length < CHARACTERS_MIN
        ? 'is too short'
        : !/^[\x21-\x7e]+$/.test(value)
          ? 'holds spaces or signs that no key has'
          : /^pk_/.test(value)
            ? 'is a publishable key; the secret key begins with sk_ or rk_'
            : null
    if (value.length >= CHARACTERS_MIN) known.set(value, name)
    if (problem !== null)
      throw new SecretError(
        'is_not_a_secret_key',
        `${name} ${where} ${problem}. Copy it again from the Stripe Dashboard.`,
      )
    return value
  }

  const readSecret = async (name: SecretName): Promise<string | null> => {
    const fromEnvironment = inEnvironment(name)
    if (fromEnvironment !== null) return accept(name, fromEnvironment, 'in the environment')
    const stored = store.available ? await store.get(name) : null
    return stored === null ? null : accept(name, stored.trim(), 'as saved')
  }

  return {
    readSecret,
    saveSecret: async (name, value) => {
      const accepted = accept(name, value.trim(), 'as entered')
      if (inEnvironment(name) !== null)
        throw new SecretError(
          'is_set_by_the_environment',
          `${name} is set in the environment, which wins over a saved one. Remove it there first.`,
        )
      if (!store.available) throw new SecretError('cannot_be_saved_here', elsewhere(name))
      await store.set(name, accepted)
    },
    deleteSecret: async (name) => {
      if (store.available) await store.delete(name)
    },
    describeSecret: async (name) => {
      const from =
        inEnvironment(name) !== null
          ? 'environment'
          : store.available && (await store.get(name)) !== null
            ? 'store'
            : null
      const canBeSaved = store.available && from !== 'environment'
      try {
        const value = await readSecret(name)
        const shape = /^(?:sk|rk)_(live|test)_/.exec(value ?? '')?.[1]
        const mode = shape === 'live' || shape === 'test' ? shape : null
        const kind = mode === null ? '' : `, a ${mode} key`
        const sentence =
          from === 'environment'
            ? `Set in the environment${kind}.`
            : from === 'store'
              ? `Saved on this machine, encrypted${kind}.`
              : canBeSaved
                ? 'Not set.'
                : `Not set. ${elsewhere(name)}`
        return { name, from, mode, canBeSaved, sentence }
      } catch (error) {
        if (!(error instanceof SecretError)) throw error
        return { name, from, mode: null, canBeSaved, sentence: error.message }
      }
    },
    notice: (value) => {
      if (value.length >= SOURCE_CHARACTERS_MIN && !known.has(value)) known.set(value, NOTICED)
      return value
    },
    redact: (text) => {
      // What the environment holds is secret before anybody read it. Longest first: one may begin with another.
      const stripeKey = inEnvironment('STRIPE_API_KEY') ?? ''
      const values = [
        ...known,
        ...(stripeKey.length >= CHARACTERS_MIN ? [[stripeKey, 'STRIPE_API_KEY'] as const] : []),
      ].sort(([a], [b]) => b.length - a.length)
      return values
        .reduce((rest, [value, name]) => rest.replaceAll(value, `[${name}]`), text)
        .replace(STRIPE_KEY_SHAPE, '[STRIPE_API_KEY]')
    },
  }
}
